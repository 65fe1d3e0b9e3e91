from functions.media import package

KID = bytes(range(16))


def test_with_clearkey() -> None:
    playlist = (
        '#EXTM3U\n#EXT-X-MAP:URI="aac96/init.mp4"\n'
        '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="x",IV=0x00,KEYFORMAT="identity"\n'
        "#EXTINF:6.014,\naac96/00001.m4s\n"
    )
    assert package.with_clearkey(playlist, KID) == (
        '#EXTM3U\n#EXT-X-MAP:URI="aac96/init.mp4"\n'
        '#EXT-X-KEY:METHOD=SAMPLE-AES,URI="data:text/plain;base64,AAECAwQFBgcICQoLDA0ODw==",'
        'KEYID=0x000102030405060708090a0b0c0d0e0f,KEYFORMAT="org.w3.clearkey"\n'
        "#EXTINF:6.014,\naac96/00001.m4s\n"
    )


def test_with_clearkey_is_idempotent() -> None:
    once = package.with_clearkey("#EXT-X-KEY:METHOD=SAMPLE-AES\n", KID)
    assert package.with_clearkey(once, KID) == once
