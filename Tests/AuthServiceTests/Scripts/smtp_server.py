"""A real SMTP receiver (aiosmtpd). Prints its port; each message goes to a file of the folder. Arguments: folder, mode, [certificate, key].

mode: plain | starttls | smtps | auth (STARTTLS, and a password) | busy (451 to the first two messages) | refuse (550 to the recipient)
"""
import asyncio
import json
import os
import ssl
import sys

from aiosmtpd.smtp import AuthResult, SMTP

folder, mode = sys.argv[1:3]
context = None
if len(sys.argv) > 4:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(sys.argv[3], sys.argv[4])


class Handler:
    count = 0
    refusals = 2

    async def handle_RCPT(self, server, session, envelope, address, options):
        if mode == "refuse":
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if mode == "busy" and Handler.refusals > 0:
            Handler.refusals -= 1
            return "451 try again later"
        Handler.count += 1
        with open(f"{folder}/{Handler.count}.json.part", "w") as file:
            json.dump({
                "from": envelope.mail_from, "to": envelope.rcpt_tos, "tls": server.transport.get_extra_info("ssl_object") is not None,
                "user": session.auth_data.decode() if session.authenticated else None,
                "content": envelope.content.decode("ascii")}, file)
        os.rename(f"{folder}/{Handler.count}.json.part", f"{folder}/{Handler.count}.json")
        return "250 taken"


def authenticate(server, session, envelope, mechanism, data):
    right = data.login == b"agrovet" and data.password == "se creta:ñ".encode()
    return AuthResult(success=right, handled=False, auth_data=data.login)


def receiver():
    options = {"enable_SMTPUTF8": False, "hostname": "localhost"}
    if mode in ("starttls", "auth"):
        options["tls_context"] = context
    if mode == "auth":
        options |= {"require_starttls": True, "auth_required": True, "authenticator": authenticate}
    return SMTP(handler, **options)


async def main():
    server = await asyncio.get_running_loop().create_server(
        receiver, "127.0.0.1", 0, ssl=context if mode == "smtps" else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


handler = Handler()
asyncio.run(main())
