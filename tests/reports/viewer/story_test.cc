#include "reports/viewer/story.h"

#include <gtest/gtest.h>

namespace axiometer {
namespace {

Event Tool(int id, const std::string& arguments, const std::string& result) {
  Event event;
  event.id = id;
  event.kind = EventKind::kTool;
  event.tool = {"c", "read_policy", arguments, result, ToolStatus::kOk, 1500};
  return event;
}

Event Said(int id, Role role, const std::string& text) {
  Event event;
  event.id = id;
  event.kind = role == Role::kAssistant ? EventKind::kReply : EventKind::kMessage;
  event.message.role = role;
  event.message.text = text;
  return event;
}

size_t Count(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

TEST(StoryTest, EventsAndCheckpointsPointAtEachOther) {
  Trajectory trajectory;
  trajectory.events = {Said(1, Role::kUser, "Do it"), Tool(2, "{\"id\":7}", "{\"ok\":true}"), Said(3, Role::kAssistant, "Done")};
  Verdict first, second;
  first.item = "a 1";
  first.events = {2, 3};
  second.item = "b1";
  second.events = {2};
  StoryOptions options;
  options.whole = "/run/x/text?attempt=1";
  const std::string html = StoryHtml(trajectory, CitationsOf({first, second}), options);
  EXPECT_NE(html.find("id=\"e2\" data-lights=\"point-a_1 point-b1\""), std::string::npos) << html;
  EXPECT_NE(html.find("<a href=\"#point-a_1\">a 1</a>"), std::string::npos);
  EXPECT_NE(html.find("id=\"e3\" data-lights=\"point-a_1\""), std::string::npos);
  EXPECT_NE(html.find("id=\"e1\" tabindex"), std::string::npos);
  // JSON is indented, to be read.
  EXPECT_NE(html.find("&quot;ok&quot;: true"), std::string::npos);
}

TEST(StoryTest, ShortTextsStayWholeBesideALongOne) {
  Trajectory trajectory;
  const std::string shorter(3'000, 's');
  for (int id = 1; id <= 20; ++id) trajectory.events.push_back(Said(id, Role::kUser, id == 7 ? std::string(5'000'000, 'l') : shorter));
  StoryOptions options;
  options.whole = "/run/x/text?attempt=1";
  const std::string html = StoryHtml(trajectory, {}, options);
  EXPECT_EQ(Count(html, shorter), 19u);
  EXPECT_EQ(Count(html, "All 5,000,000 bytes"), 1u);
  EXPECT_NE(html.find("/run/x/text?attempt=1&amp;event=7&amp;part=text"), std::string::npos);
  EXPECT_LT(html.size(), 200'000u);
}

TEST(StoryTest, ManyEventsAreShownInPages) {
  Trajectory trajectory;
  for (int id = 1; id <= 1'000; ++id) trajectory.events.push_back(Said(id, Role::kUser, std::string(2'000, 'x')));
  StoryOptions options;
  options.from = 401;
  const std::string html = StoryHtml(trajectory, {}, options);
  EXPECT_EQ(Count(html, "<article"), 400u);
  EXPECT_NE(html.find("id=\"e401\""), std::string::npos);
  EXPECT_EQ(html.find("id=\"e400\""), std::string::npos);
  EXPECT_LT(html.size(), 300'000u);
}

TEST(StoryTest, WhatWasWrittenIsTextEverywhere) {
  const std::string hostile = "<script>\x1b[31m\"'&\u202e";
  Trajectory trajectory;
  trajectory.events = {Said(1, Role::kSystem, hostile), Said(2, Role::kAssistant, hostile), Tool(3, hostile, hostile)};
  trajectory.events[1].message.reasoning = hostile;
  trajectory.events[1].message.tool_calls = {{"id", hostile, "{}"}};
  trajectory.events[2].tool.name = hostile;
  Event failure;
  failure.id = 4;
  failure.kind = EventKind::kFailure;
  failure.failure = hostile;
  trajectory.events.push_back(failure);
  const std::string html = StoryHtml(trajectory, {{3, {hostile}}}, StoryOptions());
  EXPECT_EQ(html.find("<script"), std::string::npos);
  EXPECT_EQ(html.find('\x1b'), std::string::npos);
  EXPECT_EQ(html.find("\u202e"), std::string::npos);
  EXPECT_GE(Count(html, "&lt;script&gt;"), 8u);
}

}  // namespace
}  // namespace axiometer
