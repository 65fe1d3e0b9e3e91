import * as library from "../api/library";
import { t } from "../i18n";
import { Cards, PlaylistCard } from "../ui/cards";
import { Failure } from "../ui/failure";
import { Head } from "../ui/head";
import { Section, Skeleton } from "../ui/parts";
import { useResource } from "../ui/resource";
import { useTitle } from "./title";

/** A listener as everybody sees them. */
export function UserPage({ id }: { id: string }) {
  const user = useResource(`user/${id}`, () => library.user(id));
  const playlists = useResource(`user/${id}/playlists`, () => library.playlistsOf(id));
  const name = user.data?.display_name ?? id;
  useTitle(user.data && name);
  if (!user.data) {
    if (user.error) return <Failure error={user.error} again={user.again} />;
    return (
      <div class="page">
        <Skeleton kind="head" />
        <Skeleton kind="cards" />
      </div>
    );
  }
  return (
    <div class="page">
      <Head
        kind="user"
        label={t("user.profile")}
        title={name}
        images={[]}
        seed={`spotify:user:${id}`}
      />
      <Section title={t("user.playlists")}>
        {playlists.error && !playlists.data && (
          <Failure error={playlists.error} again={playlists.again} />
        )}
        {playlists.isLoading && !playlists.data && <Skeleton kind="cards" />}
        {playlists.data?.length === 0 && <p class="quiet">{t("user.empty")}</p>}
        <Cards>
          {(playlists.data ?? []).map((playlist) => (
            <PlaylistCard key={playlist.id} playlist={playlist} />
          ))}
        </Cards>
      </Section>
    </div>
  );
}
