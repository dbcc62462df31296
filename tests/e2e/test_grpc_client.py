"""A gRPC client that is not ours (grpcio), which knows the API from server reflection only."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import suite, venv

venv.enter()

import grpc

from support.company import Company
from support.grpc_client import Client, details

SUITE = None
COMPANY = None


def setUpModule():
    global SUITE, COMPANY
    SUITE = suite.Suite(args=["--reflection"]).start()
    COMPANY = Company(SUITE)


def tearDownModule():
    if SUITE is not None:
        SUITE.__exit__(None)


class ForeignClient(unittest.TestCase):
    leads = "spm.leads.v1.LeadService"

    @classmethod
    def setUpClass(cls):
        cls.client = Client(SUITE.grpc_port)

    def test_reflection_lists_the_services(self):
        names = set(self.client.reflection.get_services())
        self.assertLessEqual({
            "spm.leads.v1.LeadService", "spm.leads.v1.OpportunityService",
            "spm.leads.v1.CustomerService", "spm.org.v1.OrgService", "spm.orders.v1.ProductService",
            "spm.performance.v1.MetricService", "spm.base.v1.JournalService",
            "grpc.health.v1.Health"}, names)

    def test_health(self):
        reply = self.client.call("grpc.health.v1.Health", "Check")
        self.assertEqual(reply.status, 1)

    def test_create_and_read_as_a_person(self):
        lead = self.client.message("spm.leads.v1.Lead", name="Foreign", intent=40)
        made = self.client.call(self.leads, "CreateLead", "hr:ann", request_id=suite.new_id(),
                                lead=lead)
        self.assertEqual((made.name, made.owner_id), ("Foreign", COMPANY.id["ann"]))
        got = self.client.call(self.leads, "GetLead", COMPANY.id["ann"], lead_id=made.id)
        self.assertEqual(got, made)
        with self.assertRaises(grpc.RpcError) as hidden:
            self.client.call(self.leads, "GetLead", "hr:eva", lead_id=made.id)
        self.assertEqual(hidden.exception.code(), grpc.StatusCode.NOT_FOUND)

    def test_the_same_call_by_json_and_grpc_is_one(self):
        request_id = suite.new_id()
        lead = self.client.message("spm.leads.v1.Lead", name="Both ways")
        made = self.client.call(self.leads, "CreateLead", request_id=request_id, lead=lead)
        again = SUITE.command("/v1/leads", {"lead": {"name": "Both ways"}}, request_id=request_id)
        self.assertEqual(again["id"], made.id)

    def test_errors_carry_details(self):
        with self.assertRaises(grpc.RpcError) as bad:
            lead = self.client.message("spm.leads.v1.Lead", name="", intent=900)
            self.client.call(self.leads, "CreateLead", request_id=suite.new_id(), lead=lead)
        self.assertEqual(bad.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        info, fields = details(bad.exception)
        self.assertEqual(info.domain, "spm")
        self.assertRegex(info.reason, "^[A-Z][A-Z_]+$")
        self.assertEqual(set(fields), {"lead.name", "lead.intent"})

    def test_a_duplicate_names_the_other(self):
        first = COMPANY.customer("phoned", phone="+4940123")
        with self.assertRaises(grpc.RpcError) as twin:
            customer = self.client.message("spm.leads.v1.Customer", name="twin", phone="+49 40 123")
            self.client.call("spm.leads.v1.CustomerService", "CreateCustomer",
                             request_id=suite.new_id(), customer=customer)
        self.assertEqual(twin.exception.code(), grpc.StatusCode.ALREADY_EXISTS)
        info, _ = details(twin.exception)
        self.assertIn(first["id"], dict(info.metadata).values())

    def test_unknown_caller_and_unknown_method(self):
        with self.assertRaises(grpc.RpcError) as unknown:
            self.client.call(self.leads, "ListLeads", "hr:nobody")
        self.assertEqual(unknown.exception.code(), grpc.StatusCode.UNAUTHENTICATED)
        stub = self.client.channel.unary_unary(f"/{self.leads}/NoSuch")
        with self.assertRaises(grpc.RpcError) as missing:
            stub(b"", timeout=5)
        self.assertEqual(missing.exception.code(), grpc.StatusCode.UNIMPLEMENTED)

    def test_bytes_that_are_no_message(self):
        stub = self.client.channel.unary_unary(f"/{self.leads}/CreateLead")
        for data in (b"\xff" * 50, b"\x0a\xff\xff\xff\xff\x0f", b"\x12\x05\x1a\x03\xff\xfe\xfd"):
            with self.assertRaises(grpc.RpcError) as bad:
                stub(data, timeout=5)
            self.assertEqual(bad.exception.code(), grpc.StatusCode.INVALID_ARGUMENT)
        with self.assertRaises(grpc.RpcError) as large:
            stub(b"\x0a" * (5 << 20), timeout=5)
        self.assertEqual(large.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)

    def test_without_the_flag_there_is_no_reflection(self):
        with suite.Suite() as other:
            client = Client(other.grpc_port)
            with self.assertRaises(grpc.RpcError) as closed:
                client.reflection.get_services()
            self.assertEqual(closed.exception.code(), grpc.StatusCode.UNIMPLEMENTED)


if __name__ == "__main__":
    unittest.main(verbosity=2)
