#include "tasks/check.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace axiometer {
namespace {

const std::vector<KnownTool> kTools = {
    {"read_policy", nullptr},
    {"correct_entry", nullptr},
    {"notify", nullptr},
    {"file_report", nullptr},
    {"book_offer", Json::parse(R"({"properties": {"offer_id": {}, "kind": {"enum": ["early", "late"]}}, "additionalProperties": false})")},
    {"anything", Json::parse(R"({"properties": {"to": {}}, "additionalProperties": true})")}};

// A trajectory told event by event.
class CheckTest : public testing::Test {
 protected:
  int Call(const std::string& tool, const std::string& arguments = "{}",
           const std::string& result = R"({"ok": true})", ToolStatus status = ToolStatus::kOk) {
    Event event;
    event.kind = EventKind::kTool;
    event.tool.name = tool;
    event.tool.arguments = arguments;
    event.tool.result = result;
    event.tool.status = status;
    return Add(std::move(event));
  }
  int Say(const std::string& text) {
    Event event;
    event.kind = EventKind::kReply;
    event.message.role = Role::kAssistant;
    event.message.text = text;
    trajectory_.final_text = text;
    return Add(std::move(event));
  }
  int Add(Event event) {
    event.id = static_cast<int>(trajectory_.events.size()) + 1;
    trajectory_.events.push_back(std::move(event));
    return trajectory_.events.back().id;
  }

  static Check Read(const std::string& text) {
    const Result<YamlView> view = YamlView::Parse(text, "t.yaml");
    EXPECT_TRUE(view) << view.error().ToString();
    Result<Check> check = ReadCheck(*view, kTools);
    EXPECT_TRUE(check) << check.error().ToString();
    return *check;
  }
  static std::string ReadError(const std::string& text) {
    const Result<YamlView> view = YamlView::Parse(text, "t.yaml");
    if (!view) return view.error().ToString();
    const Result<Check> check = ReadCheck(*view, kTools);
    return check ? "no error" : check.error().ToString();
  }
  // "yes [1,2]", "no [1]", "undecidable".
  std::string Verdict(const std::string& text) const {
    const std::optional<CheckResult> result = Evaluate(Read(text), trajectory_);
    if (!result) return "undecidable";
    std::string events;
    for (const int event : result->events) {
      if (!events.empty()) events += ',';
      events += std::to_string(event);
    }
    return (result->holds ? "yes [" : "no [") + events + "]";
  }

  Trajectory trajectory_;
};

TEST_F(CheckTest, CalledCountsMatchingCalls) {
  Call("notify", R"({"to": "ann", "n": 3})");
  Call("notify", R"({"to": "bob"})");
  EXPECT_EQ(Verdict("{called: notify}"), "yes [1,2]");
  EXPECT_EQ(Verdict("{called: read_policy}"), "no []");
  EXPECT_EQ(Verdict("{called: notify, with: {to: bob}}"), "yes [2]");
  EXPECT_EQ(Verdict("{called: notify, with: {to: Bob}}"), "no []");
  EXPECT_EQ(Verdict("{called: notify, with: {n: 3.0}}"), "yes [1]");
  EXPECT_EQ(Verdict("{called: notify, with: {n: \"3\"}}"), "no []");
  EXPECT_EQ(Verdict("{called: notify, with: {n: {exists: false}}}"), "yes [2]");
  EXPECT_EQ(Verdict("{called: notify, with: {n: {}}}"), "yes [1]");
  EXPECT_EQ(Verdict("{called: notify, at_least: 3}"), "no [1,2]");
  EXPECT_EQ(Verdict("{called: notify, at_most: 1}"), "no [1,2]");
  EXPECT_EQ(Verdict("{called: read_policy, at_most: 1}"), "no []");  // at least once, too
  EXPECT_EQ(Verdict("{called: read_policy, at_most: 0}"), "yes []");
}

TEST_F(CheckTest, OrderIsMeasuredAgainstTheFirstMatchingCall) {
  Call("notify");
  Call("read_policy");
  Call("correct_entry", R"({"id": "E-1"})");
  Call("read_policy");
  EXPECT_EQ(Verdict("{called: read_policy, before: {called: correct_entry}}"), "yes [2]");
  EXPECT_EQ(Verdict("{called: notify, after: {called: correct_entry}}"), "no []");
  EXPECT_EQ(Verdict("{called: read_policy, after: {called: correct_entry}}"), "yes [4]");
  EXPECT_EQ(Verdict("{called: read_policy, before: {called: file_report}}"), "yes [2,4]");
  EXPECT_EQ(Verdict("{called: read_policy, after: {called: file_report}}"), "no []");
  EXPECT_EQ(Verdict("{called: read_policy, before: {called: correct_entry, with: {id: E-2}}}"), "yes [2,4]");
  EXPECT_EQ(Verdict("{called: read_policy, before: {called: correct_entry, after: {called: notify}}}"), "yes [2]");
}

TEST_F(CheckTest, CallsThatTheEnvironmentDidNotAnswerNeverCount) {
  Call("notify", "{}", R"({"success": false})", ToolStatus::kUnknownTool);
  Call("notify", "{}", R"({"success": false})", ToolStatus::kBadCall);
  EXPECT_EQ(Verdict("{called: notify}"), "no []");
}

TEST_F(CheckTest, ErrorsCountOnlyWhereTheyAreAskedFor) {
  Call("notify", "{}", R"({"error": "no such person"})");
  EXPECT_EQ(Verdict("{called: notify}"), "no []");
  EXPECT_EQ(Verdict("{called: notify, result: {}}"), "no []");
  EXPECT_EQ(Verdict("{called: notify, result: {has: {error: {exists: true}}}}"), "yes [1]");
  EXPECT_EQ(Verdict("{called: notify, result: {has: {error: {contains: PERSON}}}}"), "yes [1]");
  EXPECT_EQ(Verdict("{called: notify, result: {has: {error: {exists: false}}}}"), "no []");
}

TEST_F(CheckTest, MatchersLookInside) {
  Call("notify", R"({"body": "Grüße an ÄRZTE", "to": ["ann", "bob"], "n": 4, "x": {"k": [1]}})");
  EXPECT_EQ(Verdict("{called: notify, with: {body: {contains: ärzte}}}"), "yes [1]");
  EXPECT_EQ(Verdict("{called: notify, with: {body: {matches: '\\bär.te$'}}}"), "yes [1]");
  EXPECT_EQ(Verdict("{called: notify, with: {to: {contains: bob}}}"), "yes [1]");
  EXPECT_EQ(Verdict("{called: notify, with: {to: {contains: bo}}}"), "no []");
  EXPECT_EQ(Verdict("{called: notify, with: {n: {at_least: 4, at_most: 4}}}"), "yes [1]");
  EXPECT_EQ(Verdict("{called: notify, with: {n: {at_least: 5}}}"), "no []");
  EXPECT_EQ(Verdict("{called: notify, with: {n: {one_of: [3, 4.0]}}}"), "yes [1]");
  EXPECT_EQ(Verdict("{called: notify, with: {x: {has: {k: [1.0]}}}}"), "yes [1]");
  EXPECT_EQ(Verdict("{called: notify, with: {x: {has: {z: {exists: false}}}}}"), "yes [1]");
}

TEST_F(CheckTest, SaidLooksAtTheFinalTextUnlessAnywhere) {
  Say("I refuse to do that");
  Say("All done: 完成。");
  EXPECT_EQ(Verdict("{said: DONE}"), "yes [2]");
  EXPECT_EQ(Verdict("{said: refuse}"), "no []");
  EXPECT_EQ(Verdict("{said: refuse, anywhere: true}"), "yes [1]");
  EXPECT_EQ(Verdict("{said: '完.。'}"), "yes [2]");
}

TEST_F(CheckTest, StateNeedsAFinalState) {
  EXPECT_EQ(Verdict("{state: a, is: 1}"), "undecidable");
  EXPECT_EQ(Verdict("{not: {state: a, is: 1}}"), "undecidable");
  trajectory_.final_state = R"({"entries": [{"id": "E-1", "p": "2026-03"}], "a.b": {"c": 2}})";
  EXPECT_EQ(Verdict("{state: entries.0.p, is: \"2026-03\"}"), "yes []");
  EXPECT_EQ(Verdict("{state: entries.1.p, is: {exists: false}}"), "yes []");
  EXPECT_EQ(Verdict("{state: a.b.c, is: 2}"), "yes []");
  EXPECT_EQ(Verdict("{state: entries, is: {contains: x}}"), "no []");
}

TEST_F(CheckTest, JoiningKeepsWhatCannotBeDecided) {
  Call("notify");
  EXPECT_EQ(Verdict("{all: [{called: notify}, {not: {called: read_policy}}]}"), "yes [1]");
  EXPECT_EQ(Verdict("{any: [{called: read_policy}, {called: notify}]}"), "yes [1]");
  EXPECT_EQ(Verdict("{any: [{state: a, is: 1}, {called: notify}]}"), "yes [1]");
  EXPECT_EQ(Verdict("{any: [{state: a, is: 1}, {called: read_policy}]}"), "undecidable");
  EXPECT_EQ(Verdict("{all: [{state: a, is: 1}, {called: notify}]}"), "undecidable");
  EXPECT_EQ(Verdict("{all: [{state: a, is: 1}, {called: read_policy}]}"), "no []");
}

TEST_F(CheckTest, ALongReplyDoesNotOverflowTheMatcher) {
  Say(std::string(2'000'000, 'a'));
  EXPECT_EQ(Verdict("{said: '(a|b)*c'}").substr(0, 3) == "yes", false);
  EXPECT_EQ(Verdict("{said: 'a.*a'}"), "yes [1]");
}

TEST_F(CheckTest, DescribesInWords) {
  const auto words = [](const std::string& text) { return Describe(Read(text)); };
  EXPECT_EQ(words("{called: read_policy, before: {called: correct_entry}}"),
            "calls read_policy before correct_entry");
  EXPECT_EQ(words("{called: notify, with: {to: ann, body: {contains: x}}, at_least: 2}"),
            "calls notify with to \"ann\", body containing \"x\", at least 2 times");
  EXPECT_EQ(words("{called: notify, at_most: 0}"), "never calls notify");
  EXPECT_EQ(words("{said: sorry, anywhere: true}"), "says matching \"sorry\"");
  EXPECT_EQ(words("{all: [{state: a.b, is: {one_of: [1, 2]}}, {not: {said: x}}]}"),
            "leaves a.b one of 1, 2 and not (ends with text matching \"x\")");
  EXPECT_EQ(words("{any: [{called: notify}, {all: [{called: notify}, {called: file_report}]}]}"),
            "calls notify or (calls notify and calls file_report)");
}

TEST_F(CheckTest, BadChecksAreNamed) {
  EXPECT_EQ(ReadError("{called: read_polcy}"), "t.yaml:1:10: called: unknown tool \"read_polcy\": did you mean \"read_policy\"?");
  EXPECT_EQ(ReadError("{caled: notify}"),
            "t.yaml:1:1: a check needs one of called, said, state, all, any, not: did you mean \"called\"?");
  EXPECT_EQ(ReadError("{called: notify, said: x}"),
            "t.yaml:1:1: \"called\" and \"said\" in one check: join them under \"all\" or \"any\"");
  EXPECT_EQ(ReadError("{called: notify, wiht: {a: 1}}"), "t.yaml:1:18: unknown key \"wiht\": did you mean \"with\"?");
  EXPECT_EQ(ReadError("{called: notify, at_least: many}"),
            "t.yaml:1:28: at_least: expected a whole number from 0 to 1000, got \"many\"");
  EXPECT_EQ(ReadError("{called: notify, before: {said: x}}"),
            "t.yaml:1:26: before: only a \"called\" check can stand here");
  EXPECT_EQ(ReadError("{called: notify, before: {called: notify, at_least: 2}}"),
            "t.yaml:1:26: before: \"at_least\" and \"at_most\" mean nothing here: the first matching call counts");
  EXPECT_EQ(ReadError("{said: '('}").substr(0, 39), "t.yaml:1:8: said: not a valid pattern: ");
  EXPECT_EQ(ReadError("{state: a}"), "t.yaml:1:1: \"is\" is missing");
  EXPECT_EQ(ReadError("{state: a, is: {at_least: x}}"), "t.yaml:1:27: is.at_least: expected a number, got \"x\"");
  EXPECT_EQ(ReadError("{state: a, is: {contain: x}}"), "t.yaml:1:17: is: unknown key \"contain\": did you mean \"contains\"?");
  EXPECT_EQ(ReadError("{all: []}"), "t.yaml:1:7: all: expected at least one check");
  EXPECT_EQ(ReadError("{all: {called: notify}}"), "t.yaml:1:7: all: expected a list, got a mapping");
  EXPECT_EQ(ReadError("{not: x}"), "t.yaml:1:7: not: expected a check, got \"x\"");
}

TEST_F(CheckTest, ArgumentsThatACallCannotHaveAreRefused) {
  EXPECT_EQ(ReadError("called: book_offer\nwith: {ofer_id: O-1}\n"),
            "t.yaml:2:17: with.ofer_id: book_offer has no argument \"ofer_id\": did you mean \"offer_id\"?");
  EXPECT_EQ(ReadError("called: book_offer\nwith: {zebra: {exists: false}}\n"),
            "t.yaml:2:15: with.zebra: book_offer has no argument \"zebra\": it has: offer_id, kind");
  EXPECT_EQ(ReadError("called: book_offer\nwith: {kind: lat}\n"),
            "t.yaml:2:14: with.kind: kind is never \"lat\": did you mean \"late\"?");
  EXPECT_EQ(ReadError("called: book_offer\nwith: {kind: {one_of: [early, never]}}\n"),
            "t.yaml:2:14: with.kind: kind is never \"never\": it is one of [\"early\",\"late\"]");
  EXPECT_EQ(ReadError("called: book_offer\nwith: {kind: {one_of: [early, late]}}\n"), "no error");
  EXPECT_EQ(ReadError("called: book_offer\nwith: {kind: {contains: at}}\n"), "no error");
  EXPECT_EQ(ReadError("called: anything\nwith: {else: 1}\n"), "no error");
}

}  // namespace
}  // namespace axiometer
