"""Starts what the checks beside it want to see running, on free ports of this machine, and ends it."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def is_open(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


class Service:
    """One process of Largesse with a data folder of its own. `database`: the folder of another one, whose Postgres it uses."""

    def __init__(self, binary, folder, database=None, **settings):
        self.binary, self.folder = binary, folder
        self.grpc, self.admin = free_port(), free_port()
        self.address = f"127.0.0.1:{self.grpc}"
        # What the caller of a check has set is none of its business.
        own = {name: value for name, value in os.environ.items() if not name.startswith(("LARGESSE_", "OTEL_"))}
        self.env = {**own, "LARGESSE_LISTEN": self.address, "LARGESSE_ADMIN_LISTEN": f"127.0.0.1:{self.admin}",
                    "LARGESSE_SERVER": f"http://{self.address}", "LARGESSE_DATA_DIR": folder, **settings}
        if database:
            with open(os.path.join(database, "database.url")) as file:
                self.env["LARGESSE_DATABASE_URL"] = file.read()
            self.env["LARGESSE_JWKS_FILE"] = os.path.join(database, "jwks.json")
        self.process = None

    def start(self):
        os.makedirs(self.folder, exist_ok=True)
        log = open(os.path.join(self.folder, "log"), "ab")
        self.process = subprocess.Popen([self.binary], env=self.env, stdout=log, stderr=log)
        return self

    def get(self, path, timeout=2):
        """Status and text of a page of the admin port; 0 where nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin}{path}", timeout=timeout) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()
        except OSError:
            return 0, ""

    def wait_until_ready(self, within=60):
        wait_until(lambda: self.is_running() and self.get("/ready")[0] == 200, within, "the service is not ready")
        return self

    def is_running(self):
        if self.process.poll() is not None:
            raise SystemExit(f"the service has ended with {self.process.returncode}; its log:\n{self.log()[-2000:]}")
        return True

    def log(self):
        with open(os.path.join(self.folder, "log"), errors="replace") as file:
            return file.read()

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def stop(self, within=60):
        """Its exit code, after SIGTERM."""
        if self.process.poll() is None:
            self.terminate()
        return self.process.wait(timeout=within)

    def run(self, *words, check=True):
        """The answer of one of its verbs."""
        done = subprocess.run([self.binary, *words], env=self.env, capture_output=True, text=True)
        if check and done.returncode:
            raise SystemExit(f"largesse {' '.join(words)} ended with {done.returncode}: {done.stderr}{done.stdout}")
        return done.stdout.strip()

    def json(self, *words):
        return json.loads(self.run(*words, "--json"))

    def token(self, agent, role, *more, tenant="demo"):
        return self.run("token", "--tenant", tenant, "--agent", agent, "--role", role, *more)


def wait_until(is_so, within, otherwise):
    end = time.monotonic() + within
    while not is_so():
        if time.monotonic() > end:
            raise SystemExit(f"{otherwise} after {within} s")
        time.sleep(0.1)


# A tenant whose people may give a credit of one euro for as long as a check lasts.
AGENTS = [f"l-{number}" for number in range(8)]
LOAD = """
tenant: load
time_zone: Europe/Berlin
week_starts_on: MONDAY
segments: []
occasions: []
policies: []
catalog:
- {kind: credit, offered: true, currency: EUR, min: "1.00", max: "10.00", recipient: [], channel: billing, lead_time: 24h, tolerance_percent: 0}
budgets:
- {name: all, currency: EUR, window: MONTH, amount: "10000000.00"}
limits:
- {name: each, subject: AGENT, window: GESTURE, currency: EUR, hard_max: {amount: "10.00"}}
- {name: month, subject: AGENT, window: MONTH, currency: EUR, hard_max: {amount: "1000000.00"}}
levels:
- {name: any, may_waive: [], budgets: [all], maxima: [{limit: each, amount: "10.00"}, {limit: month, amount: "1000000.00"}]}
routing: {answer_within: 4h, expire_after: 48h, duty_pool: {agent: pool, members: [l-0]}, rules: []}
agents:
- {id: pool, type: POOL, level: any, budget: all, own_customers: [], overrides: []}
""" + "".join(f"- {{id: {agent}, type: HUMAN, level: any, budget: all, own_customers: [], overrides: []}}\n" for agent in AGENTS)


def apply_load(service):
    path = os.path.join(service.folder, "load.yaml")
    with open(path, "w") as file:
        file.write(LOAD)
    service.run("apply", path, "--tenant", "load", "--agent", "ops")
