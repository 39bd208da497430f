"""The doorbell: tells a user's open sockets how that user's jobs are doing. It holds no truth and may lose anything.

At Fly it is a process of its own, `python -m relay`: server.py, whose connections begin in asking.py and become
listening.py. On one machine the same hub rings inside the API's process (local/doorbell.py). poster.py is the workers'.

The hub and what it is made of (session, history, tickets, signing, protocol) open no socket, start no thread and read
no clock: a server feeds a Hub and sends what comes out. Every call to a hub and its sessions is made from one thread.
In asyncio, one socket is

    news, over = asyncio.Event(), asyncio.Event()
    session = hub.connect(offered_subprotocols, origin, news=news.set, over=over.set)

    async def send():                                   # one frame at a time: meanwhile newer ones replace older ones
        while True:
            await news.wait()
            news.clear()
            for frame in session.outgoing():
                await socket.send_text(frame)

    async def listen():                                 # ends when the socket does
        async for frame in socket.iter_text():
            session.receive(frame)

    try:
        await socket.accept(session.subprotocol)        # refused ones too: a browser sees no code before it is accepted
        await first_of(over.wait(), send(), listen())   # and cancels the other two; a send that fails is a socket gone
    finally:
        session.close()
    if session.ended is not GONE:
        await socket.close(session.ended.code, session.ended.reason)

and the server around it

    tick, every 5 s or so:      hub.tick()
    a job moved, same process:  hub.publish(snapshot)               from another thread: loop.call_soon_threadsafe
    a job moved, elsewhere:     answer = hub.post(headers, body)    of POST /publish; read at most MOST_BYTES + 1 bytes
    GET /healthz:               503 if hub.draining else 200
    before it exits:            while hub.drain(200): sleep a little

A ticket is made by `tickets.issue`, whoever knows the user; the browser offers it beside the protocol's name:
`new WebSocket(url, ["reel.v1", ticket])`. A worker elsewhere signs what it posts with `signing.publish_headers`.
"""
