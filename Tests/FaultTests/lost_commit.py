"""Stands between PostgreSQL and its clients, and hands on all that either says, but for one answer to COMMIT: the connection breaks instead.

Arguments: the server's port, a piece of a statement whose transaction it is to be, and a file to make when it has happened.
"""
import pathlib
import select
import socket
import sys
import threading

port, mark, happened = int(sys.argv[1]), sys.argv[2].encode(), pathlib.Path(sys.argv[3])
once = threading.Lock()


def serve(client: socket.socket) -> None:
    with client, socket.create_connection(("127.0.0.1", port)) as server:
        is_marked = False
        while True:
            ready, _, _ = select.select([client, server], [], [])
            if client in ready:
                said = client.recv(65536)
                if not said:
                    return
                server.sendall(said)
                is_marked = is_marked or mark in said
                if is_marked and b"COMMIT" in said and once.acquire(blocking=False):
                    answer = b""
                    while b"COMMIT" not in answer:
                        answer += server.recv(65536)
                    happened.touch()
                    return
            if server in ready:
                said = server.recv(65536)
                if not said:
                    return
                client.sendall(said)


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
