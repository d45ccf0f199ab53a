"""A web server on loopback: nginx where there is one, else Python's."""

import functools
import http.server
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

NGINX = """
daemon off; worker_processes 1; pid {work}/nginx.pid; error_log {work}/error.log;
events {{ }}
http {{
  access_log off; sendfile on; client_body_temp_path {work}/b; proxy_temp_path {work}/p;
  fastcgi_temp_path {work}/f; uwsgi_temp_path {work}/u; scgi_temp_path {work}/s;
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError("the web server does not answer")


class Server:
    def __init__(self, root: Path, work: Path):
        self.port = free_port()
        self.process = None
        self.name = "nginx"
        if shutil.which("nginx"):
            # The workers run as another user and must be able to read what they serve.
            config = work / "nginx.conf"
            config.write_text("user root;" + NGINX.format(work=work, root=root, port=self.port))
            self.process = subprocess.Popen(
                ["nginx", "-e", f"{work}/error.log", "-p", str(work), "-c", str(config)])
        else:
            self.name = "Python's http.server"
            handler = functools.partial(QuietHandler, directory=str(root))
            self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), handler)
            threading.Thread(target=self.server.serve_forever, daemon=True).start()
        wait_for(self.port)

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}"

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait()
        else:
            self.server.shutdown()


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass
