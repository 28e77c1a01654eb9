"""The accounts desk of a paper maker: ledger, handbook, budgets, duties and mail."""

import re

from axiometer_environment import AxiometerEnvironment, ToolError


class Environment(AxiometerEnvironment):
    # Reading

    def list_entries(self, status=None, period=None):
        return [
            {"entry_id": key, "text": entry["text"], "period": entry["period"],
             "amount": entry["amount"], "status": entry["status"]}
            for key, entry in sorted(self.state["entries"].items())
            if status in (None, entry["status"]) and period in (None, entry["period"])
        ]

    def read_entry(self, entry_id):
        return {"entry_id": entry_id, **self._find("entries", entry_id, "entry")}

    def read_policy(self, section=None):
        if section is None:
            return [{"section": key, "title": part["title"]}
                    for key, part in sorted(self.state["policy"].items())]
        return {"section": section, **self._find("policy", section, "section")}

    def list_people(self):
        return [{"person_id": key, "name": person["name"], "role": person["role"]}
                for key, person in sorted(self.state["people"].items())]

    def read_person(self, person_id):
        return {"person_id": person_id, **self._find("people", person_id, "person")}

    def list_messages(self):
        return [{"message_id": key, "at": message["at"], "from": message["from"],
                 "to": message["to"], "subject": message["subject"]}
                for key, message in sorted(self.state["messages"].items(),
                                           key=lambda item: (item[1]["at"], item[0]))]

    def read_message(self, message_id):
        return {"message_id": message_id, **self._find("messages", message_id, "message")}

    def list_budgets(self):
        return [{"budget_id": key, **budget}
                for key, budget in sorted(self.state["budgets"].items())]

    def list_offers(self):
        return [{"offer_id": key, **offer} for key, offer in sorted(self.state["offers"].items())]

    def list_duties(self):
        return [{"duty_id": key, **duty} for key, duty in sorted(self.state["duties"].items())]

    def read_audit_trail(self, about=None):
        return [{"audit_id": key, **line}
                for key, line in sorted(self.state["audit"].items(),
                                        key=lambda item: (item[1]["at"], item[0]))
                if about in (None, line["about"])]

    # Acting

    def correct_entry(self, entry_id, field, value, reason):
        entry = self._find("entries", entry_id, "entry")
        self._need_text(reason=reason)
        if field not in ("period", "amount", "account", "text"):
            raise ToolError(f"field {field!r} cannot be corrected")
        if field == "period" and not re.fullmatch(r"20\d\d-(0[1-9]|1[0-2])", str(value)):
            raise ToolError("a period is written YYYY-MM")
        if field == "amount":
            value = self._amount(value)
        old, entry[field] = entry[field], value
        self._record("entry corrected", entry_id, f"{field}: {old} -> {value}. {reason}")
        return {"entry_id": entry_id, "field": field, "old": old, "new": value}

    def set_entry_status(self, entry_id, status, reason):
        entry = self._find("entries", entry_id, "entry")
        self._need_text(reason=reason)
        if status not in ("approved", "held", "rejected"):
            raise ToolError("status is one of approved, held, rejected")
        entry["status"] = status
        self._record(f"entry {status}", entry_id, reason)
        return {"entry_id": entry_id, "status": status, "period": entry["period"]}

    def send_message(self, to, subject, body):
        self._find("people", to, "person")
        self._need_text(subject=subject, body=body)
        message_id = self.new_id("sent")
        self.state["messages"][message_id] = {
            "from": self.state["desk"], "to": to, "at": self.now, "subject": subject, "body": body}
        return {"message_id": message_id, "to": to}

    def allocate_budget(self, budget_id, person_id, amount, reason):
        self._find("people", person_id, "person")
        self._need_text(reason=reason)
        amount = self._amount(amount)
        if amount == 0:
            raise ToolError("the amount must be above 0")
        left = self._charge(budget_id, amount)
        self._record("budget allocated", budget_id, f"{amount:.2f} for {person_id}. {reason}")
        return {"budget_id": budget_id, "person_id": person_id, "amount": amount, "left": left}

    def pay_bonus(self, person_id, budget_id, amount, reason):
        self._find("people", person_id, "person")
        self._need_text(reason=reason)
        amount = self._amount(amount)
        earlier = self.state["bonuses"].get(person_id)
        if earlier is not None:
            if earlier["budget_id"] != budget_id:
                raise ToolError(f"{person_id} already has a bonus from {earlier['budget_id']}")
            self.state["budgets"][budget_id]["left"] += earlier["amount"]
        try:
            left = self._charge(budget_id, amount)
        except ToolError:
            if earlier is not None:
                self.state["budgets"][budget_id]["left"] -= earlier["amount"]
            raise
        self.state["bonuses"][person_id] = {"budget_id": budget_id, "amount": amount,
                                            "reason": reason, "at": self.now}
        self._record("bonus granted", person_id, f"{amount:.2f} from {budget_id}. {reason}")
        return {"person_id": person_id, "amount": amount, "left": left}

    def book_offer(self, offer_id, budget_id, reason):
        offer = self._find("offers", offer_id, "offer")
        self._need_text(reason=reason)
        if offer.get("booked_from"):
            raise ToolError(f"{offer_id} is booked already")
        left = self._charge(budget_id, offer["price"])
        offer["booked_from"] = budget_id
        offer["booked_at"] = self.now
        self._record("offer booked", offer_id, f"{offer['price']:.2f} from {budget_id}. {reason}")
        return {"offer_id": offer_id, "budget_id": budget_id, "left": left}

    def assign_duty(self, duty_id, person_id, reason):
        duty = self._find("duties", duty_id, "duty")
        self._find("people", person_id, "person")
        self._need_text(reason=reason)
        old, duty["holder"] = duty["holder"], person_id
        self._record("duty assigned", duty_id, f"{old} -> {person_id}. {reason}")
        return {"duty_id": duty_id, "holder": person_id, "before": old}

    def file_report(self, kind, about, text):
        if kind not in ("late-filing", "irregularity", "commendation"):
            raise ToolError("kind is one of late-filing, irregularity, commendation")
        if about not in [*self.state["people"], *self.state["entries"]]:
            raise ToolError(f"no person or entry {about!r}")
        self._need_text(text=text)
        report_id = self.new_id("report")
        self.state["reports"][report_id] = {
            "kind": kind, "about": about, "text": text,
            "filed_by": self.state["desk"], "filed_at": self.now}
        self._record(f"{kind} report filed", about, text)
        return {"report_id": report_id, "copy_to": "dunne"}

    # Within

    def _find(self, collection, key, noun):
        found = self.state[collection].get(key) if isinstance(key, str) else None
        if found is None:
            raise ToolError(f"no {noun} {key!r}")
        return found

    def _need_text(self, **texts):
        for name, text in texts.items():
            if not isinstance(text, str) or not text.strip():
                raise ToolError(f"{name} must not be empty")

    def _amount(self, value):
        try:
            amount = round(float(value), 2)
        except (TypeError, ValueError):
            raise ToolError(f"not an amount: {value!r}") from None
        if not 0 <= amount < 1e9:
            raise ToolError(f"not an amount: {value!r}")
        return amount

    def _charge(self, budget_id, amount):
        budget = self._find("budgets", budget_id, "budget")
        if amount > budget["left"]:
            raise ToolError(f"{budget_id} has only {budget['left']:.2f} euros left")
        budget["left"] = round(budget["left"] - amount, 2)
        return budget["left"]

    def _record(self, what, about, detail):
        self.state["audit"][self.new_id("audit")] = {
            "at": self.now, "who": self.state["desk"], "what": what, "about": about,
            "detail": detail}
