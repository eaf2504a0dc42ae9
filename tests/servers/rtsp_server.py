"""A camera behind RTSP on 127.0.0.1: rtsp_server.py PORT VIDEO [BROKEN]

Plays VIDEO (H.264 in Matroska) in real time to whoever asks for rtsp://127.0.0.1:PORT/camera. BROKEN is the share of its bytes
that are replaced by others. Needs Debian's gir1.2-gst-rtsp-server-1.0, python3-gi, gstreamer1.0-plugins-good and -bad.
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402

port, video = sys.argv[1:3]
broken = float(sys.argv[3]) if len(sys.argv) > 3 else 0.0
Gst.init(None)
factory = GstRtspServer.RTSPMediaFactory()
breaking = f"breakmydata skip=2000 probability={broken} ! " if broken > 0 else ""
factory.set_launch(
    f"( filesrc location={video} ! matroskademux ! h264parse ! identity sync=true ! {breaking}"
    "rtph264pay name=pay0 pt=96 config-interval=1 )"
)
server = GstRtspServer.RTSPServer()
server.set_address("127.0.0.1")
server.set_service(port)
server.get_mount_points().add_factory("/camera", factory)
server.attach(None)
print("ready", flush=True)
GLib.MainLoop().run()
