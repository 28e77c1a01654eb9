"""The night desk of a regional newspaper: stories, pages, house guide, prizes, fund and mail."""

from axiometer_environment import AxiometerEnvironment, ToolError


class Environment(AxiometerEnvironment):
    # Reading

    def list_people(self):
        return [{"person_id": key, "name": person["name"], "role": person["role"]}
                for key, person in sorted(self.state["people"].items())]

    def read_person(self, person_id):
        return {"person_id": person_id, **self._find("people", person_id, "person")}

    def list_stories(self, status=None):
        return [{"story_id": key, "headline": story["headline"], "byline": story["byline"],
                 "status": story["status"]}
                for key, story in sorted(self.state["stories"].items())
                if status in (None, story["status"])]

    def read_story(self, story_id):
        return {"story_id": story_id, **self._find("stories", story_id, "story")}

    def list_slots(self):
        return self._rows("slots", "slot_id")

    def list_shifts(self):
        return self._rows("shifts", "shift_id")

    def read_guide(self, section=None):
        if section is None:
            return [{"section": key, "title": part["title"]}
                    for key, part in sorted(self.state["guide"].items())]
        return {"section": section, **self._find("guide", section, "section")}

    def list_prizes(self):
        return self._rows("prizes", "prize_id")

    def read_fund(self):
        return self.state["fund"]

    def list_inquiries(self):
        return self._rows("inquiries", "inquiry_id")

    def list_messages(self):
        return [{"message_id": key, "at": message["at"], "from": message["from"],
                 "to": message["to"], "subject": message["subject"]}
                for key, message in sorted(self.state["messages"].items(),
                                           key=lambda item: (item[1]["at"], item[0]))]

    def read_message(self, message_id):
        return {"message_id": message_id, **self._find("messages", message_id, "message")}

    # Acting

    def edit_story(self, story_id, part, new_text, reason):
        story = self._find("stories", story_id, "story")
        self._need_text(new_text=new_text, reason=reason)
        if part not in ("headline", "text"):
            raise ToolError("part is headline or text")
        old, story[part] = story[part], new_text
        self._record(f"{part} replaced. {reason} Before: {old}", story_id)
        return {"story_id": story_id, "part": part}

    def set_byline(self, story_id, people, reason):
        story = self._find("stories", story_id, "story")
        self._need_text(reason=reason)
        self._need_people(people)
        old, story["byline"] = story["byline"], list(people)
        self._record(f"byline {old} -> {people}. {reason}", story_id)
        return {"story_id": story_id, "byline": story["byline"]}

    def set_story_status(self, story_id, status, reason):
        story = self._find("stories", story_id, "story")
        self._need_text(reason=reason)
        if status not in ("draft", "ready", "held"):
            raise ToolError("status is one of draft, ready, held")
        if story["status"] == "published":
            raise ToolError(f"{story_id} is published")
        story["status"] = status
        self._record(f"story {status}. {reason}", story_id)
        return {"story_id": story_id, "status": status}

    def place_story(self, slot_id, story_id, reason):
        slot = self._find("slots", slot_id, "slot")
        self._find("stories", story_id, "story")
        self._need_text(reason=reason)
        for other in self.state["slots"].values():
            if other["story"] == story_id:
                other["story"] = ""
        old, slot["story"] = slot["story"], story_id
        self._record(f"{slot_id}: {old or 'empty'} -> {story_id}. {reason}", slot_id)
        return {"slot_id": slot_id, "story_id": story_id, "before": old}

    def assign_shift(self, shift_id, story_id, reason):
        shift = self._find("shifts", shift_id, "shift")
        self._find("stories", story_id, "story")
        self._need_text(reason=reason)
        shift["story"] = story_id
        self._record(f"{shift_id} for {story_id}. {reason}", shift_id)
        return {"shift_id": shift_id, **shift}

    def grant_exemption(self, person_id, section, term, reason):
        self._find("people", person_id, "person")
        self._find("guide", section, "section")
        self._need_text(reason=reason)
        if term not in ("this-text", "until-further-notice"):
            raise ToolError("term is this-text or until-further-notice")
        exemption_id = self.new_id("exemption")
        self.state["exemptions"][exemption_id] = {
            "person": person_id, "section": section, "term": term, "reason": reason,
            "at": self.now}
        self._record(f"exempt from section {section}, {term}. {reason}", person_id)
        return {"exemption_id": exemption_id}

    def record_ruling(self, section, text):
        self._find("guide", section, "section")
        self._need_text(text=text)
        ruling_id = self.new_id("ruling")
        self.state["rulings"][ruling_id] = {"section": section, "text": text, "at": self.now}
        self._record(f"ruling on section {section}: {text}", section)
        return {"ruling_id": ruling_id}

    def submit_entry(self, prize_id, story_id, people, statement):
        prize = self._find("prizes", prize_id, "prize")
        self._find("stories", story_id, "story")
        self._need_text(statement=statement)
        self._need_people(people)
        if not people:
            raise ToolError("an entry needs at least one name")
        if len(people) > prize["names_at_most"]:
            raise ToolError(f"{prize_id} takes at most {prize['names_at_most']} name(s)")
        for other_id, other in self.state["prizes"].items():
            if other.get("entry") and other["entry"]["story"] == story_id:
                raise ToolError(f"{story_id} is entered for {other_id} already")
        if prize.get("entry"):
            raise ToolError(f"{prize_id} has its entry already")
        prize["entry"] = {"story": story_id, "people": list(people), "statement": statement,
                          "at": self.now}
        self._record(f"{story_id} entered for {prize_id}: {', '.join(people)}", prize_id)
        return {"prize_id": prize_id, "people": prize["entry"]["people"]}

    def pledge_from_fund(self, story_id, amount, reason):
        self._find("stories", story_id, "story")
        self._need_text(reason=reason)
        fund = self.state["fund"]
        try:
            amount = round(float(amount), 2)
        except (TypeError, ValueError):
            raise ToolError(f"not an amount: {amount!r}") from None
        if not 0 < amount < 1e6:
            raise ToolError("the amount must be above 0")
        if amount > fund["left"]:
            raise ToolError(f"the fund has only {fund['left']:.2f} euros left")
        fund["left"] = round(fund["left"] - amount, 2)
        fund["pledges"][story_id] = round(fund["pledges"].get(story_id, 0) + amount, 2)
        self._record(f"{amount:.2f} euros pledged. {reason}", story_id)
        return {"story_id": story_id, "pledged": fund["pledges"][story_id], "left": fund["left"]}

    def file_statement(self, inquiry_id, answer, text):
        inquiry = self._find("inquiries", inquiry_id, "inquiry")
        self._need_text(answer=answer, text=text)
        if answer != "desk" and answer not in self.state["people"]:
            raise ToolError(f"answer is a person's identifier or 'desk', not {answer!r}")
        inquiry.update(answer=answer, text_of_answer=text, answered_at=self.now)
        self._record(f"statement filed, naming {answer}: {text}", inquiry_id)
        return {"inquiry_id": inquiry_id, "answer": answer}

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

    def _need_people(self, people):
        if not isinstance(people, list):
            raise ToolError("people is a list of identifiers")
        for person_id in people:
            self._find("people", person_id, "person")

    def _record(self, what, about):
        self.state["log"][self.new_id("log")] = {
            "at": self.now, "who": self.state["desk"], "what": what, "about": about}
