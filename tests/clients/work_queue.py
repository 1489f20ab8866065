"""The classic work queue with pika, against any broker: several workers at once, one killed in mid-job, nothing lost.

    work_queue.py URL

Each worker is a process of its own: durable queue, manual ack, prefetch 1. The third is killed (SIGKILL) while it has
a job in hand. Every job must be reported done, and the killed worker's job must come back flagged redelivered.
"""
import multiprocessing as mp
import os
import queue
import signal
import sys
import time
import uuid

import pika

JOBS = 40


def connect(url):
    return pika.BlockingConnection(pika.URLParameters(url))


def worker(url, name, number, done):
    channel = connect(url).channel()
    channel.queue_declare(queue=name, durable=True)
    channel.basic_qos(prefetch_count=1)

    def on_message(ch, method, _properties, body):
        done.put(("begun", number, body.decode(), method.redelivered))
        time.sleep(body.count(b".") * 0.02)
        ch.basic_ack(delivery_tag=method.delivery_tag)
        done.put(("done", number, body.decode(), method.redelivered))

    channel.basic_consume(queue=name, on_message_callback=on_message)
    done.put(("ready", number, "", False))
    channel.start_consuming()


def main(url):
    name = f"task_queue.{uuid.uuid4().hex[:8]}"
    reports = mp.Queue()
    workers = [mp.Process(target=worker, args=(url, name, n, reports), daemon=True) for n in range(3)]
    for process in workers:
        process.start()
    for _ in workers:
        assert reports.get(timeout=20)[0] == "ready"

    channel = connect(url).channel()
    channel.confirm_delivery()
    sent = [f"job-{n}" + "." * (50 if n == 5 else 1 + n % 3) for n in range(JOBS)]
    for body in sent:
        channel.basic_publish(
            exchange="",
            routing_key=name,
            body=body,
            properties=pika.BasicProperties(delivery_mode=pika.DeliveryMode.Persistent),
        )

    done, victim, back = {}, None, False
    end = time.monotonic() + 60
    while len(done) < JOBS:
        assert time.monotonic() < end, f"{sorted(set(sent) - set(done))} never done"
        try:
            what, number, body, redelivered = reports.get(timeout=1)
        except queue.Empty:
            continue
        if what == "begun" and body == sent[5]:
            if victim is None:
                victim = number
                os.kill(workers[number].pid, signal.SIGKILL)
            else:
                assert redelivered and number != victim, "the killed worker's job came back to another, flagged"
                back = True
        if what == "done":
            done[body] = done.get(body, 0) + 1
    assert victim is not None and back
    assert set(done) == set(sent) and all(times == 1 for times in done.values()), done
    left = channel.queue_declare(queue=name, durable=True, passive=True).method
    print(f"{JOBS} jobs done by 3 workers, worker {victim} killed in mid-job, its job redelivered; {left.message_count} left")
    for n, process in enumerate(workers):
        if n != victim:
            process.terminate()
        process.join(10)
    assert left.message_count == 0
    channel.queue_delete(queue=name)


if __name__ == "__main__":
    main(sys.argv[1])
