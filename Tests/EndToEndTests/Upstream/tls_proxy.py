"""Speaks TLS for a server on 127.0.0.1 that does not.

usage: tls_proxy.py CERTIFICATE KEY PORT      (the port it listens on is printed)
"""
import asyncio
import ssl
import sys


async def carry(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def serve(reader, writer):
    try:
        upstream = await asyncio.open_connection("127.0.0.1", int(sys.argv[3]))
    except OSError:
        writer.close()
        return
    await asyncio.gather(carry(reader, upstream[1]), carry(upstream[0], writer))


async def main():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
