"""A camera behind HTTP on 127.0.0.1: mjpeg_server.py PORT FOLDER FPS

Sends the JPEG files of FOLDER again and again, as multipart/x-mixed-replace, FPS a second, to whoever asks for http://127.0.0.1:PORT/.
"""

import http.server
import itertools
import pathlib
import sys
import time

port, folder, fps = int(sys.argv[1]), pathlib.Path(sys.argv[2]), float(sys.argv[3])
images = [path.read_bytes() for path in sorted(folder.glob("*.jpg"))]


class Camera(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.end_headers()
        due = time.monotonic()
        try:
            for image in itertools.cycle(images):
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(image)}\r\n\r\n"
                self.wfile.write(head.encode() + image + b"\r\n")
                due += 1.0 / fps
                time.sleep(max(0.0, due - time.monotonic()))
        except OSError:
            pass  # the client has gone

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 64


server = Server(("127.0.0.1", port), Camera)
print("ready", flush=True)
server.serve_forever()
