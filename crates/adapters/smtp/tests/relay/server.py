"""A mail server for tests, on a free port of this machine.

It is aiosmtpd, told what to go wrong with, and Python's email package, which reads what came. The
test asks on standard input and is answered on standard output, one JSON value a line:

    {"do": "fault", "at": "RCPT", "how": "550 5.1.1 no such user"}
    {"do": "mails"}

A fault happens once. `how` is an answer, or `cut` to hang up, or `silence`.
"""

import argparse
import asyncio
import email
import email.policy
import json
import logging
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Handler:
    def __init__(self, arguments):
        self.arguments = arguments
        self.faults = {}
        self.mails = []

    async def fault(self, server, at):
        how = self.faults.pop(at, None)
        if how == "silence":
            await asyncio.sleep(3600)
        if how == "cut":
            server.transport.abort()
            return "250 nobody hears this"
        return how

    def authenticate(self, server, session, envelope, mechanism, login):
        user, password = self.arguments.user.split(":")
        expected = LoginPassword(user.encode(), password.encode())
        return AuthResult(success=login == expected, handled=False, auth_data=login.login.decode())

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return responses

    async def handle_MAIL(self, server, session, envelope, address, options):
        fault = await self.fault(server, "MAIL")
        if fault:
            return fault
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        fault = await self.fault(server, "RCPT")
        if fault:
            return fault
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        fault = await self.fault(server, "DATA")
        if fault and not fault.startswith("250"):
            return fault
        self.mails.append(self.understood(server, session, envelope))
        return fault or "250 OK"

    def understood(self, server, session, envelope):
        text = envelope.content.decode()
        message = email.message_from_string(text, policy=email.policy.SMTPUTF8)
        sender = message["From"].addresses[0]
        return {
            "envelope_from": envelope.mail_from,
            "envelope_to": envelope.rcpt_tos,
            "encrypted": server.transport.get_extra_info("cipher") is not None,
            "user": session.auth_data,
            "connection": session.peer[1],
            "headers": [name.lower() for name in message.keys()],
            "message_id": message["Message-ID"],
            "auto_submitted": message["Auto-Submitted"],
            "date": message["Date"].datetime.isoformat(),
            "from_name": sender.display_name or None,
            "from_address": sender.addr_spec,
            "to": [address.addr_spec for address in message["To"].addresses],
            "subject": message["Subject"],
            "type": message.get_content_type(),
            "text": content(message, "plain"),
            "html": content(message, "html"),
            "defects": [str(defect) for part in message.walk() for defect in part.defects],
        }


def content(message, kind):
    part = message.get_body((kind,))
    return part and part.get_content().replace("\r\n", "\n")


class Injecting(SMTP):
    """Sits between as well: adds answers in the open to the one that agrees to STARTTLS."""

    async def push(self, status):
        if status.startswith("220 Ready to start TLS"):
            status += "\r\n250 AUTH PLAIN\r\n235 OK\r\n250 OK\r\n250 OK\r\n354 go on\r\n250 OK"
        await super().push(status)


def protocol(handler, arguments, tls):
    starts_tls = arguments.mode in ("starttls", "injecting")
    return (Injecting if arguments.mode == "injecting" else SMTP)(
        handler,
        hostname="relay.test",
        ident="test",
        enable_SMTPUTF8=not arguments.ascii,
        tls_context=tls if starts_tls else None,
        require_starttls=starts_tls,
        auth_required=arguments.user is not None,
        auth_require_tls=starts_tls,
        authenticator=handler.authenticate if arguments.user else None,
    )


class Impostor(asyncio.Protocol):
    """Says nothing, or as much as it takes to be told something, and notes what that is."""

    def __init__(self, handler, mode):
        self.handler, self.mode = handler, mode

    def connection_made(self, transport):
        self.transport = transport
        if self.mode != "mute":
            transport.write(b"220 relay.test\r\n")

    def data_received(self, data):
        self.handler.mails.append({"heard": data.decode("latin-1")})
        if self.mode != "mute":
            self.transport.write(b"250-relay.test\r\n250 AUTH PLAIN LOGIN\r\n")


async def serve(arguments):
    handler = Handler(arguments)
    tls = None
    if arguments.certificate:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(arguments.certificate, arguments.key)
    loop = asyncio.get_running_loop()
    if arguments.mode in ("mute", "stripped"):
        make = lambda: Impostor(handler, arguments.mode)
    else:
        make = lambda: protocol(handler, arguments, tls)
    wrapped = tls if arguments.mode == "implicit" else None
    server = await loop.create_server(make, "127.0.0.1", 0, ssl=wrapped)
    say({"port": server.sockets[0].getsockname()[1]})
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        request = json.loads(line)
        if request["do"] == "fault":
            handler.faults[request["at"]] = request["how"]
        say(handler.mails)


def say(value):
    print(json.dumps(value), flush=True)


def main():
    logging.disable()
    parser = argparse.ArgumentParser()
    modes = ["starttls", "implicit", "none", "mute", "stripped", "injecting"]
    parser.add_argument("--mode", choices=modes, required=True)
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--user", help="name:password")
    parser.add_argument("--ascii", action="store_true", help="does not take other addresses")
    asyncio.run(serve(parser.parse_args()))


main()
