"""A mail server for the benchmark, on a free port of this machine: aiosmtpd, which counts what comes.

It says on standard output where it listens, and what came whenever there is a line on standard input.
"""

import asyncio
import json
import sys

from aiosmtpd.smtp import SMTP


class Handler:
    def __init__(self):
        self.names = []

    async def handle_DATA(self, server, session, envelope):
        head, _, _ = envelope.content.partition(b"\r\n\r\n")
        names = [line for line in head.split(b"\r\n") if line.lower().startswith(b"message-id:")]
        self.names += names
        return "250 OK" if len(names) == 1 else "554 it has no name"


async def serve():
    handler = Handler()
    loop = asyncio.get_running_loop()
    make = lambda: SMTP(handler, hostname="bench.test", ident="bench")
    server = await loop.create_server(make, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        different = len(set(handler.names))
        print(json.dumps({"mails": len(handler.names), "different": different}), flush=True)


asyncio.run(serve())
