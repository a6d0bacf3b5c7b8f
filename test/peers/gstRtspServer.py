"""An RTSP server that we did not write: GStreamer's gst-rtsp-server.

    gstRtspServer.py USERNAME PASSWORD FOLDER [PEM_FILE [ADDRESS [PORT]]]

Prints one JSON object per line: {"port": n} once it listens, then whenever one of the numbers changes
{"sessions": open now, "connections": since the start, "frames": handed to the RTP payloader since the start}.
It ends when its standard input is closed, so it never outlives the test.

/live   endless test picture with a moving ball, 15 frames per second, key frame each second, whoever asks when
/vod    FOLDER's vod.mp4, from its beginning to its end
/h265   h265.mp4, /mpeg4 mpeg4.mp4 likewise: H.265, MPEG-4 part 2
/vp8, /vp9  as /live
/jpeg   as /live, JPEGs of 320x240; /jpeg422 of 4:2:2, /jpegbig of 2560x1440, whose width does not fit into the packets' headers
/multicast  as /live, by multicast only, to 239.77.0.1 and up; with ADDRESS
/publish  takes H.264 from whoever publishes there (RECORD), /published gives it out as it is
All want Digest (MD5) too and are served over TCP and UDP; with PEM_FILE (not `-`), key and certificate, over TLS.
It listens on ADDRESS, 127.0.0.1 by default (`-`), and on PORT or a free one.
"""

import json
import socket
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

LIVE = (
    "( videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=15/1 "
    "! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15 bitrate=300 threads=1 "
    "! rtph264pay name=pay0 pt=96 config-interval=-1 )"
)

JPEG = (
    "( videotestsrc is-live=true pattern=ball ! video/x-raw,format=%s,width=%d,height=%d,framerate=15/1 "
    "! jpegenc quality=80 ! rtpjpegpay name=pay0 pt=26 )"
)


H264_RTP = "application/x-rtp,media=video,encoding-name=H264,clock-rate=90000,payload=96"
PUBLISH = (
    "( rtph264depay name=depay0 ! h264parse ! rtph264pay config-interval=-1 pt=96 "
    "! udpsink host=127.0.0.1 port=%d sync=false )"
)
PUBLISHED = (
    f'( udpsrc address=127.0.0.1 port=%d buffer-size=2000000 caps="{H264_RTP}" '
    "! rtph264depay ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=-1 )"
)

VPX = (
    "( videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate=15/1 "
    "! vp%denc deadline=1 cpu-used=8 keyframe-max-dist=15 target-bitrate=300000 "
    "! rtpvp%dpay name=pay0 pt=96 picture-id-mode=15-bit )"
)


def say(**fact):
    print(json.dumps(fact), flush=True)


COUNTS = {"sessions": 0, "connections": 0, "frames": 0}


def count(what):
    COUNTS[what] += 1


def count_frames(_factory, media):
    def on_buffer(_pad, _info):
        count("frames")
        return Gst.PadProbeReturn.OK

    payloader = media.get_element().get_by_name("pay0")
    if not payloader:
        return
    payloader.get_static_pad("sink").add_probe(Gst.PadProbeType.BUFFER, on_buffer)


def main():
    username, password, folder = sys.argv[1:4]
    Gst.init(None)
    server = GstRtspServer.RTSPServer.new()
    address = sys.argv[5] if len(sys.argv) > 5 and sys.argv[5] != "-" else None
    server.set_address(address or "127.0.0.1")
    # A thread for each client: a describing one waits for pictures, which a publishing one must be able to send meanwhile.
    server.get_thread_pool().set_max_threads(-1)
    server.set_service(sys.argv[6] if len(sys.argv) > 6 else "0")

    auth = GstRtspServer.RTSPAuth.new()
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    user = GstRtspServer.RTSPToken()
    user.set_string("media.factory.role", "user")
    auth.add_digest(username, password, user)
    if len(sys.argv) > 4 and sys.argv[4] != "-":
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_file(sys.argv[4]))
    server.set_auth(auth)

    def file(name, payloader):
        return f'( filesrc location="{folder}/{name}.mp4" ! qtdemux ! {payloader} name=pay0 pt=96 )'

    files = (
        ("/vod", file("vod", "h264parse ! rtph264pay")),
        ("/h265", file("h265", "rtph265pay")),
        ("/mpeg4", file("mpeg4", "mpeg4videoparse ! rtpmp4vpay")),
    )
    # From one pipeline to the other over a port of this machine.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        between = probe.getsockname()[1]
    publish = (("/publish", PUBLISH % between), ("/published", PUBLISHED % between))
    live = (("/live", LIVE), ("/vp8", VPX % (8, 8)), ("/vp9", VPX % (9, 9)))
    jpegs = (
        ("/jpeg", JPEG % ("I420", 320, 240)),
        ("/jpeg422", JPEG % ("Y42B", 320, 240)),
        ("/jpegbig", JPEG % ("I420", 2560, 1440)),
    )
    multicast = (("/multicast", LIVE),) if address else ()
    for path, launch in (*live, *files, *jpegs, *multicast, *publish):
        factory = GstRtspServer.RTSPMediaFactory.new()
        factory.set_launch(launch)
        factory.set_shared((path, launch) not in files)
        factory.set_protocols(GstRtsp.RTSPLowerTrans.TCP | GstRtsp.RTSPLowerTrans.UDP)
        if path == "/publish":
            factory.set_transport_mode(GstRtspServer.RTSPTransportMode.RECORD)
        if path == "/multicast":
            factory.set_protocols(GstRtsp.RTSPLowerTrans.UDP_MCAST)
            groups = GstRtspServer.RTSPAddressPool.new()
            groups.add_range("239.77.0.1", "239.77.0.9", 5000, 5019, 1)
            factory.set_address_pool(groups)
        permissions = GstRtspServer.RTSPPermissions.new()
        permissions.add_permission_for_role("user", "media.factory.access", True)
        permissions.add_permission_for_role("user", "media.factory.construct", True)
        factory.set_permissions(permissions)
        factory.connect("media-configure", count_frames)
        server.get_mount_points().add_factory(path, factory)

    server.connect("client-connected", lambda *_: count("connections"))
    loop = GLib.MainLoop()
    if server.attach(None) == 0:
        sys.exit("the server cannot listen")
    say(port=server.get_bound_port())

    pool = server.get_session_pool()
    last = {}

    def watch():
        nonlocal last
        pool.cleanup()
        COUNTS["sessions"] = pool.get_n_sessions()
        if COUNTS != last:
            last = dict(COUNTS)
            say(**last)
        return True

    GLib.timeout_add(50, watch)
    GLib.io_add_watch(
        GLib.IOChannel.unix_new(0),
        GLib.PRIORITY_DEFAULT,
        GLib.IOCondition.HUP | GLib.IOCondition.IN,
        lambda *_: loop.quit(),
    )
    loop.run()


main()
