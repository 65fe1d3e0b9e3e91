import { Laptop, MonitorSpeaker, Smartphone, Speaker } from "lucide-preact";
import { useEffect, useState } from "preact/hooks";

import type { Device } from "../api/types";
import { deviceName } from "../app/settings";
import { deviceId } from "../connect/identity";
import { moveTo } from "../connect/move";
import * as there from "../connect/remote";
import { t } from "../i18n";
import { Notice } from "../ui/notice";
import { Slider } from "../ui/slider";
import * as player from "../player/controls";
import { useTitle } from "./title";

const REFRESH_MS = 10_000;

export function Devices() {
  useTitle(t("devices.title"));
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    const ask = (): void => {
      there.refresh().then(
        () => setFailed(false),
        () => setFailed(true),
      );
    };
    ask();
    const timer = setInterval(ask, REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  const own = deviceId();
  const others = there.devices.value.filter((device) => device.id !== own);
  const active = there.remote.value?.state.device;
  return (
    <div class="page narrow">
      <h1>{t("devices.title")}</h1>
      <ul class="devices">
        <DeviceRow
          name={`${deviceName.value} (${t("devices.this")})`}
          type="Computer"
          isActive={!active}
          play={() => void moveTo({ id: own, name: deviceName.value })}
        />
        {others.map((device) => (
          <DeviceRow
            key={device.id}
            name={device.name}
            type={device.type}
            isActive={device.id === active?.id}
            device={device}
            play={() => void moveTo({ id: device.id ?? "", name: device.name })}
          />
        ))}
      </ul>
      {failed && <p class="banner">{t("devices.unavailable")}</p>}
      {!failed && others.length === 0 && (
        <Notice
          icon={<MonitorSpeaker />}
          title={t("devices.none")}
          text={t("devices.none.text")}
        />
      )}
    </div>
  );
}

interface RowProps {
  name: string;
  type: string;
  isActive: boolean;
  device?: Device;
  play: () => void;
}

function DeviceRow({ name, type, isActive, device, play }: RowProps) {
  const Icon = type === "Smartphone" ? Smartphone : type === "Speaker" ? Speaker : Laptop;
  return (
    <li class={isActive ? "on" : ""}>
      <button
        aria-label={isActive ? undefined : t("devices.play", { name })}
        aria-pressed={isActive}
        disabled={device?.is_restricted}
        onClick={play}
      >
        <Icon size={24} aria-hidden="true" />
        <span>
          <span class="name">{name}</span>
          {isActive && <span class="quiet">{t("devices.active")}</span>}
        </span>
      </button>
      {isActive && device?.supports_volume && (
        <Slider
          label={t("player.volume")}
          value={Math.round(player.loudness.value * 100)}
          max={100}
          step={1}
          move={(value) => player.setVolume(value / 100)}
        />
      )}
    </li>
  );
}
