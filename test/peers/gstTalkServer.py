"""A camera with a loudspeaker, by an RTSP server that we did not write: GStreamer's, with ONVIF's back channel.

    gstTalkServer.py pcmu|pcma FILE [USERNAME PASSWORD]

Serves rtsp://127.0.0.1:PORT/camera; what it is told goes to FILE, 16 bits at 8 kHz. Prints {"port": n} once it listens. It
ends when its standard input is closed.
"""

import json
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

PICTURE = (
    "( videotestsrc is-live=true pattern=ball ! video/x-raw,width=160,height=120,framerate=15/1 "
    "! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15 bitrate=100 threads=1 "
    # Who talks only does not set the pictures up, and an error of theirs, at the moment of PLAY, would end the loudspeaker too.
    "! errorignore ignore-notlinked=true convert-to=ok "
    "! rtph264pay name=pay0 pt=96 config-interval=-1 )"
)


def main():
    coding, file = sys.argv[1:3]
    Gst.init(None)
    payload, law = (0, "mulaw") if coding == "pcmu" else (8, "alaw")
    server = GstRtspServer.RTSPOnvifServer.new()
    server.set_address("127.0.0.1")
    server.set_service("0")
    factory = GstRtspServer.RTSPOnvifMediaFactory.new()
    factory.set_launch(PICTURE)
    factory.set_backchannel_launch(
        f"( capsfilter caps=\"application/x-rtp, media=audio, payload={payload}, clock-rate=8000, encoding-name={coding.upper()}\" "
        f"name=depay_backchannel ! rtp{coding}depay ! {law}dec ! audio/x-raw,format=S16LE ! filesink location={file} buffer-mode=2 async=false )"
    )
    factory.set_media_gtype(GstRtspServer.RTSPOnvifMedia)
    factory.set_shared(False)
    factory.set_protocols(GstRtsp.RTSPLowerTrans.TCP | GstRtsp.RTSPLowerTrans.UDP)
    if len(sys.argv) > 3:
        auth = GstRtspServer.RTSPAuth.new()
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        user = GstRtspServer.RTSPToken()
        user.set_string("media.factory.role", "user")
        auth.add_digest(sys.argv[3], sys.argv[4], user)
        server.set_auth(auth)
        permissions = GstRtspServer.RTSPPermissions.new()
        permissions.add_permission_for_role("user", "media.factory.access", True)
        permissions.add_permission_for_role("user", "media.factory.construct", True)
        factory.set_permissions(permissions)
    server.get_mount_points().add_factory("/camera", factory)
    loop = GLib.MainLoop()
    if server.attach(None) == 0:
        sys.exit("the server cannot listen")
    print(json.dumps({"port": server.get_bound_port()}), flush=True)
    GLib.io_add_watch(
        GLib.IOChannel.unix_new(0),
        GLib.PRIORITY_DEFAULT,
        GLib.IOCondition.HUP | GLib.IOCondition.IN,
        lambda *_: loop.quit(),
    )
    loop.run()


main()
