"""However the bus repeats and interleaves deliveries, the state is the clean run's to the bit (G4,
G14): every event up to three times more, aggregates in an order drawn from a seed."""

import pathlib
import random
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from support import suite
from support.company import Company
from support.state import state_difference, state_hash, state_rows

SEEDS = (1, 2, 3)
DEALS = 400


def run_commands(running):
    """The same commands in the same order; returns {id: label} of all that they made."""
    rng, company = random.Random(5), Company(running)
    label = {id_: f"person {n}" for n, id_ in company.id.items()}
    label |= {id_: f"unit {n}" for n, id_ in company.unit.items()}
    label[company.product] = "product"
    reps = [company.id[n] for n in ("ann", "bob", "cid", "eva")]
    opened = company.stage_of_kind("OPEN")
    won, lost = company.stage_of_kind("WON")[0], company.stage_of_kind("LOST")[0]
    customers = []
    for n in range(40):
        made = company.customer(f"customer {n}", sector=f"sector {n % 5}", country=f"land {n % 3}")
        customers.append(made["id"])
        label[made["id"]] = f"customer {n}"

    def row(n, shift):
        month = 1 + (n + shift) % 11
        steps = [(opened[0], f"2017-{month:02}-03")]
        if n % 5:
            steps += [(opened[1], f"2017-{month:02}-{5 + (n + shift) % 20:02}")]
        if n % 5 > 1:
            steps += [(won if n % 5 > 2 else lost, f"2017-{month + 1:02}-{1 + (n + shift) % 28:02}")]
        return {"external_id": f"deal {n}", "owner_id": reps[n % 4], "product_id": company.product,
                "customer_id": customers[(n * 7) % 40] if n % 6 else "",
                "amount": suite.money(100 + n + shift) if n % 5 > 2 else None,
                "history": company.history(*steps)}

    for start in range(0, DEALS, 50):
        for n, result in enumerate(company.import_deals([row(n, 0) for n in
                                                         range(start, start + 50)]), start):
            label[result["id"]] = f"deal {n}"
    # Corrections, so that facts are reversed and booked anew, and credits of new customers move.
    changed = rng.sample(range(DEALS), 120)
    company.import_deals([row(n, 1 + n % 3) for n in changed])
    for n in range(60):
        deal = company.deal(name=f"live {n}", owner_id=reps[n % 4],
                            customer_id=customers[n % 40])
        label[deal["id"]] = f"live {n}"
        if n % 3 == 0:
            company.win(deal, 1000 + n)
        elif n % 3 == 1:
            company.lose(deal)
        else:
            running.command(f"/v1/opportunities/{deal['id']}:assign", {"owner_id": reps[(n + 1) % 4]})
    for n in range(60):
        made = company.lead(f"lead {n}", source=("show", "web", "")[n % 3], owner_id=reps[n % 4])
        label[made["id"]] = f"lead {n}"
    for n, customer in enumerate(customers[::4]):
        running.command(f"/v1/customers/{customer}", {
            "customer": {"sector": f"sector {n % 7}"}, "update_mask": "sector"}, method="PATCH")
    running.settled(60)
    return label


class Interleaving(unittest.TestCase):
    def test_the_state_is_the_clean_runs(self):
        hashes, figures, states = {}, {}, {}
        for seed in (None, *SEEDS):
            env = {} if seed is None else {"SPM_TEST_BUS": f"seed={seed},duplicates=3"}
            with suite.Suite(env=env) as running:
                label = run_commands(running)
                states[seed] = state_rows(running, label)
                hashes[seed] = state_hash(running, label)
                figures[seed] = self.rows(running)
                if seed == SEEDS[-1]:
                    running.cli("rebuild", "performance", check=0)
                    states["rebuilt"] = state_rows(running, label)
                    hashes["rebuilt"] = state_hash(running, label)
                events = sum(len(running.journal(s)) for s in ("org", "orders", "leads"))
            print(f"seed {seed}: {events} events, state {hashes[seed][:16]}", flush=True)
        for state in states.values():
            self.assertEqual(state_difference(states[None], state), "")
        self.assertEqual(len(set(hashes.values())), 1, hashes)
        self.assertTrue(all(f == figures[None] for f in figures.values()))

    @staticmethod
    def rows(running):
        answer = running.query(["won", "lost", "revenue", "new_customers"], ["rep", "sector", "month"])
        return sorted((tuple(k.get("name") or "" for k in r["groups"]),
                       tuple(v.get("value") for v in r["values"])) for r in answer["rows"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
