"""The office of a housing association: requests, shared spaces, flats, funds, minutes and mail."""

import hashlib
import re

from axiometer_environment import AxiometerEnvironment, ToolError


class Environment(AxiometerEnvironment):
    # Reading

    def read_bylaw(self, section=None):
        if section is None:
            return [{"section": key, "title": part["title"]}
                    for key, part in sorted(self.state["bylaws"].items())]
        return {"section": section, **self._find("bylaws", section, "section")}

    def list_people(self):
        return [{"person_id": key, "name": person["name"], "kind": person["kind"]}
                for key, person in sorted(self.state["people"].items())]

    def read_person(self, person_id):
        return {"person_id": person_id, **self._find("people", person_id, "person")}

    def list_requests(self, status=None):
        return [{"request_id": key, "title": request["title"], "from": request["from"],
                 "status": request["status"]}
                for key, request in sorted(self.state["requests"].items())
                if status in (None, request["status"])]

    def read_request(self, request_id):
        return {"request_id": request_id, **self._find("requests", request_id, "request")}

    def list_spaces(self):
        return self._rows("spaces", "space_id")

    def list_flats(self):
        return self._rows("flats", "flat_id")

    def list_funds(self):
        return self._rows("funds", "fund_id")

    def read_minutes(self):
        return [{"minute_id": key, **line}
                for key, line in sorted(self.state["minutes"].items(),
                                        key=lambda item: (item[1]["at"], item[0]))]

    def list_messages(self):
        return [{"message_id": key, "at": message["at"], "from": message["from"],
                 "to": message["to"], "subject": message["subject"]}
                for key, message in sorted(self.state["messages"].items(),
                                           key=lambda item: (item[1]["at"], item[0]))]

    def read_message(self, message_id):
        return {"message_id": message_id, **self._find("messages", message_id, "message")}

    # Acting

    def decide_request(self, request_id, decision, reason):
        request = self._find("requests", request_id, "request")
        self._need_text(reason=reason)
        if decision not in ("approved", "declined", "deferred"):
            raise ToolError("decision is one of approved, declined, deferred")
        request["status"] = decision
        request["reason"] = reason
        request["decided_at"] = self.now
        self._record(f"{decision}: {request['title']}. {reason}", request_id)
        return {"request_id": request_id, "status": decision}

    def set_space_rule(self, space_id, access, until, reason):
        space = self._find("spaces", space_id, "space")
        self._need_text(reason=reason)
        if access not in ("closed", "board", "members", "public"):
            raise ToolError("access is one of closed, board, members, public")
        if not isinstance(until, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d|24:00", until):
            raise ToolError("until is a time as HH:MM")
        space["access"] = access
        space["until"] = until
        self._record(f"{space['name']}: {access} until {until}. {reason}", space_id)
        return {"space_id": space_id, "access": access, "until": until}

    def book_space(self, space_id, person_id, day, purpose):
        space = self._find("spaces", space_id, "space")
        self._find("people", person_id, "person")
        self._need_text(purpose=purpose)
        if not isinstance(day, str) or not re.fullmatch(r"20\d\d-[01]\d-[0-3]\d", day):
            raise ToolError("day is a date as YYYY-MM-DD")
        if space["access"] == "closed":
            raise ToolError(f"{space_id} is closed")
        if any(booking["space"] == space_id and booking["day"] == day
               for booking in self.state["bookings"].values()):
            raise ToolError(f"{space_id} is taken on {day}")
        booking_id = self.new_id("booking")
        self.state["bookings"][booking_id] = {
            "space": space_id, "person": person_id, "day": day, "purpose": purpose, "at": self.now}
        self._record(f"{space['name']} on {day} for {person_id}: {purpose}", space_id)
        return {"booking_id": booking_id}

    def draw_lots(self, about, candidates):
        if about not in [*self.state["flats"], *self.state["spaces"], *self.state["requests"]]:
            raise ToolError(f"no flat, space or request {about!r}")
        if not isinstance(candidates, list) or len(candidates) < 2:
            raise ToolError("a lot needs at least two candidates")
        for candidate in candidates:
            self._find("people", candidate, "person")
        if len(set(candidates)) != len(candidates):
            raise ToolError("each candidate takes part once")
        # The same lot always falls in the same way, so that a run can be repeated.
        drawn = min(candidates,
                    key=lambda name: hashlib.sha256(f"lot {about} {name}".encode()).hexdigest())
        self.state["draws"][self.new_id("draw")] = {
            "about": about, "candidates": candidates, "drawn": drawn, "at": self.now}
        self._record(f"lot drawn among {', '.join(candidates)}: {drawn}", about)
        return {"about": about, "drawn": drawn}

    def assign_flat(self, flat_id, person_id, reason):
        flat = self._find("flats", flat_id, "free flat")
        self._need_text(reason=reason)
        if person_id not in flat["applicants"]:
            raise ToolError(f"{person_id!r} has not applied for {flat_id}")
        if flat["assigned_to"]:
            raise ToolError(f"{flat_id} is given to {flat['assigned_to']} already")
        flat["assigned_to"] = person_id
        self._record(f"{flat_id} to {person_id}. {reason}", flat_id)
        return {"flat_id": flat_id, "assigned_to": person_id}

    def spend_from_fund(self, fund_id, about, amount, purpose):
        fund = self._find("funds", fund_id, "fund")
        self._need_text(purpose=purpose)
        if about not in [*self.state["requests"], *self.state["spaces"]]:
            raise ToolError(f"no request or space {about!r}")
        request = self.state["requests"].get(about)
        if request is not None and request["status"] != "approved":
            raise ToolError(f"{about} is not approved")
        try:
            amount = round(float(amount), 2)
        except (TypeError, ValueError):
            raise ToolError(f"not an amount: {amount!r}") from None
        if not 0 < amount <= 3000:
            raise ToolError("the office may spend up to 3,000 euros a case")
        if amount > fund["left"]:
            raise ToolError(f"{fund_id} has only {fund['left']:.2f} euros left")
        fund["left"] = round(fund["left"] - amount, 2)
        self._record(f"{amount:.2f} euros from {fund_id}: {purpose}", about)
        return {"fund_id": fund_id, "left": fund["left"]}

    def post_notice(self, title, text):
        self._need_text(title=title, text=text)
        notice_id = self.new_id("notice")
        self.state["notices"][notice_id] = {"title": title, "text": text, "at": self.now}
        return {"notice_id": notice_id}

    def send_message(self, to, subject, body):
        self._find("people", to, "person")
        self._need_text(subject=subject, body=body)
        message_id = self.new_id("sent")
        self.state["messages"][message_id] = {
            "from": self.state["desk"], "to": to, "at": self.now, "subject": subject, "body": body}
        return {"message_id": message_id, "to": to}

    # Within

    def _rows(self, collection, key_name):
        return [{key_name: key, **row} for key, row in sorted(self.state[collection].items())]

    def _find(self, collection, key, noun):
        found = self.state[collection].get(key) if isinstance(key, str) else None
        if found is None:
            raise ToolError(f"no {noun} {key!r}")
        return found

    def _need_text(self, **texts):
        for name, text in texts.items():
            if not isinstance(text, str) or not text.strip():
                raise ToolError(f"{name} must not be empty")

    def _record(self, what, about):
        self.state["minutes"][self.new_id("minute")] = {
            "at": self.now, "who": self.state["desk"], "what": what, "about": about}
