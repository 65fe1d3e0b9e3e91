/** Plays day by day, as bars; a table says the same to those who do not see them. */

import { language, t } from "../i18n";

export interface Day {
  /** ISO. */
  date: string;
  plays: number;
}

const HEIGHT = 120;

export function Chart({ days }: { days: Day[] }) {
  const most = Math.max(1, ...days.map((day) => day.plays));
  const width = 100 / days.length;
  const show = new Intl.DateTimeFormat(language.value, { day: "numeric", month: "short" });
  const ends = [days[0], days.at(-1)].map((day) => (day ? show.format(new Date(day.date)) : ""));
  return (
    <figure class="chart">
      <span class="chart-most" aria-hidden="true">
        {most}
      </span>
      <svg viewBox={`0 0 100 ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {days.map((day, index) => {
          const height = Math.max(day.plays > 0 ? 3 : 1, (day.plays / most) * HEIGHT);
          return (
            <rect
              key={day.date}
              class={day.plays > 0 ? "" : "none"}
              x={index * width + width * 0.14}
              width={width * 0.72}
              y={HEIGHT - height}
              height={height}
            >
              <title>{`${show.format(new Date(day.date))}: ${t("studio.plays.total", { n: day.plays })}`}</title>
            </rect>
          );
        })}
      </svg>
      <figcaption aria-hidden="true">
        <span>{ends[0]}</span>
        <span>{ends[1]}</span>
      </figcaption>
      <table class="unseen">
        <caption>{t("studio.plays")}</caption>
        <tbody>
          {days
            .filter((day) => day.plays > 0)
            .map((day) => (
              <tr key={day.date}>
                <th scope="row">{day.date}</th>
                <td>{day.plays}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </figure>
  );
}

/** Every one of the last days, those without plays too. Dates are in UTC. */
export function lastDays(count: number, counted: Day[], today = new Date()): Day[] {
  const plays = new Map<string, number>();
  for (const day of counted) plays.set(day.date, (plays.get(day.date) ?? 0) + day.plays);
  return Array.from({ length: count }, (_, index) => {
    const day = new Date(today);
    day.setUTCDate(day.getUTCDate() - (count - 1 - index));
    const date = day.toISOString().slice(0, 10);
    return { date, plays: plays.get(date) ?? 0 };
  });
}
