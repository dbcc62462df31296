"""SIGTERM under load, again and again: a client that follows the retry policy sees no error, nothing is lost
or happens twice, the process ends by itself with 0, and an open stream ends and begins anew (T20, G9).
Half of the load comes over HTTP and JSON, half over gRPC."""

import os
import pathlib
import queue
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import suite, venv

venv.enter()

import grpc
from google.protobuf import descriptor_pool, json_format, message_factory
from google.rpc import error_details_pb2, status_pb2
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase)

from support import audit
from support.company import Company
from support.ledger import Ledger
from support.load import LOST, ONCE, TOLD, Load, lost
from support.sse import Mirror, Stream, key

STOPS = 20 if os.environ.get("SPM_LONG") else 4
AGAIN = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED,
         grpc.StatusCode.DEADLINE_EXCEEDED)


def wait_before_repeat(error):
    """Seconds, or None where it may not be repeated. A lost connection has no details; an answer of
    the suite says that it may be repeated, and when."""
    details = dict(error.trailing_metadata() or ()).get("grpc-status-details-bin")
    if details is None:
        return LOST
    return TOLD if any(d.Is(error_details_pb2.RetryInfo.DESCRIPTOR)
                       for d in status_pb2.Status.FromString(details).details) else None


class GrpcLoad(Load):
    METHODS = {"CreateLead": "spm.leads.v1.LeadService",
               "CreateOpportunity": "spm.leads.v1.OpportunityService",
               "AdvanceStage": "spm.leads.v1.OpportunityService"}

    def __init__(self, running, *args, **more):
        super().__init__(running, *args, **more)
        self.channel = grpc.insecure_channel(
            f"127.0.0.1:{running.grpc_port}",
            [("grpc.initial_reconnect_backoff_ms", 50), ("grpc.max_reconnect_backoff_ms", 200),
             ("grpc.enable_retries", 0)])
        pool = descriptor_pool.DescriptorPool(ProtoReflectionDescriptorDatabase(self.channel))
        self.stubs = {}
        for name, service in self.METHODS.items():
            method = pool.FindServiceByName(service).FindMethodByName(name)
            request = message_factory.GetMessageClass(method.input_type)
            reply = message_factory.GetMessageClass(method.output_type)
            self.stubs[name] = (request, self.channel.unary_unary(
                f"/{service}/{name}", request_serializer=request.SerializeToString,
                response_deserializer=reply.FromString))

    def connect(self):
        return None

    def once(self, channel, kind, path, body):
        request, call = self.stubs[kind]
        if path.endswith(":advance"):
            body = {**body, "opportunity_id": path.split("/")[-1].split(":")[0]}
        try:
            reply = call(json_format.ParseDict(body, request()), timeout=10)
        except grpc.RpcError as error:
            wait = wait_before_repeat(error)
            if error.code() not in AGAIN or wait is None:
                raise AssertionError(f"{kind} answered {error.code()} {error.details()}") from error
            return wait
        return json_format.MessageToDict(reply, preserving_proto_field_name=True)


class Reader:
    """Reads the stream, begins anew where it ends, and keeps the counters."""

    def __init__(self, running):
        self.suite, self.mirror = running, Mirror()
        self.ends, self.broken, self.snapshots = 0, 0, 0
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.stopping.is_set():
            try:
                stream = Stream(self.suite.port)
            except OSError:
                time.sleep(0.05)
                continue
            while not self.stopping.is_set():
                try:
                    _, event, _, data = stream.next(0.2)
                except queue.Empty:
                    continue
                if event == "closed":
                    self.ends += 1
                    self.broken += not stream.ended
                    break
                self.snapshots += event == "snapshot"
                self.mirror.take(event, data)
            stream.close()

    def stop(self):
        self.stopping.set()
        self.thread.join(10)


class SigTerm(unittest.TestCase):
    def test_again_and_again_under_load(self):
        with suite.Suite(args=["--reflection"]) as running:
            company = Company(running)
            ledger = Ledger(running.folder / "ledger.jsonl")
            loads = [Load(running, company, ledger, threads=4, pause=0.002).start(),
                     GrpcLoad(running, company, ledger, threads=4, pause=0.002).start()]
            reader = Reader(running)
            took, codes = [], []
            for _ in range(STOPS):
                time.sleep(1.5)
                begun = time.monotonic()
                codes.append(running.stop(25))
                took.append(time.monotonic() - begun)
                running.start()
            time.sleep(1.5)
            for load in loads:
                load.stop()
            running.settled(60)
            self.mirrors(running, reader)
            reader.stop()
            self.assertEqual(running.stop(), 0)
            ledger.close()
            self.check(running.folder, ledger, loads, reader, took, codes)

    def mirrors(self, running, reader):
        """What the stream's reader knows in the end is what the suite says."""
        def same():
            return all(reader.mirror.values.get(key(c)) == c.get("value")
                       for c in running.get("/v1/counters").get("counters", []))
        self.assertTrue(suite.until(same, 10, "the counters of the stream"))

    def check(self, folder, ledger, loads, reader, took, codes):
        sent, answered = ledger.read()
        journal = audit.Journal(folder, "leads")
        wrong = (lost(journal, answered), journal.doubled(ONCE), journal.out_of_order(),
                 journal.stale_rows()[0], *journal.waiting(),
                 audit.behind(folder, "performance", journal))
        print(f"SIGTERM {STOPS} times: ended after {max(took):.2f} s at the most with {set(codes)}; "
              f"{len(sent)} commands, {loads[0].answered} answered over HTTP, {loads[1].answered} "
              f"over gRPC, {loads[0].repeats} and {loads[1].repeats} repeats; errors "
              f"{sum(len(load.surprises) for load in loads)}; lost, doubled, out of order, behind, "
              f"in the outbox, held, not followed: {wrong}; the stream ended {reader.ends} times, "
              f"{reader.broken} of them broken off, and began {reader.snapshots} times")
        self.assertEqual([load.surprises for load in loads], [[], []])
        self.assertEqual(set(codes), {0})
        self.assertLess(max(took), 20)
        self.assertEqual(len(sent), len(answered), "a command was never answered")
        self.assertEqual(wrong, (0,) * 7)
        self.assertGreater(min(load.answered for load in loads), 100)
        self.assertEqual((reader.ends, reader.broken), (STOPS, 0))
        self.assertGreaterEqual(reader.snapshots, STOPS + 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
