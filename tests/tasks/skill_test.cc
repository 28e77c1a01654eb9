#include "tasks/skill.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "tests/temporary_folder.h"

namespace axiometer {
namespace {

constexpr char kMain[] =
    "---\nname: order-first\ndescription: x\n---\n\n# Order\nFirst things first.\n";

class OneTask : public TaskSource {
 public:
  explicit OneTask(std::vector<Message> opening) : refs_{{"toy/one", "d"}} {
    task_ = std::make_shared<Task>();
    task_->id = "toy/one";
    task_->digest = "d";
    task_->opening = std::move(opening);
  }
  const std::string& suite() const override { return name_; }
  const std::string& protocol() const override { return name_; }
  const std::vector<TaskRef>& refs() const override { return refs_; }
  Result<std::shared_ptr<const Task>> Load(size_t) const override {
    return std::shared_ptr<const Task>(task_);
  }
  const std::vector<std::string>& notes() const override { return notes_; }

 private:
  const std::string name_ = "toy";
  std::vector<TaskRef> refs_;
  std::shared_ptr<Task> task_;
  std::vector<std::string> notes_;
};

Message Said(Role role, const std::string& text) {
  Message message;
  message.role = role;
  message.text = text;
  return message;
}

class SkillTest : public testing::Test {
 protected:
  SkillTest() {
    folder_.Write("order/SKILL.md", kMain);
    folder_.Write("order/references/b.md", "Second example.\n");
    folder_.Write("order/references/a.md", "First example.\n\n");
    folder_.Write("order/references/script.py", "print()");
  }
  Skill Read() const {
    Result<Skill> skill = ReadSkill(folder_.path() + "/order/");
    if (!skill) throw std::runtime_error(skill.error().ToString());
    return std::move(*skill);
  }
  std::vector<Message> Opening(std::vector<Message> opening, const std::string& block) const {
    const auto tasks = WithSkill(std::make_unique<OneTask>(std::move(opening)), Read(), block);
    return (*tasks->Load(0))->opening;
  }

  TemporaryFolder folder_;
};

TEST_F(SkillTest, IsItsTextsUnderItsName) {
  const Skill skill = Read();
  EXPECT_EQ(skill.name, "order-first");
  ASSERT_EQ(skill.files.size(), 3u);
  EXPECT_EQ(skill.files[0].path, "SKILL.md");
  EXPECT_EQ(skill.files[0].text, kMain);
  EXPECT_EQ(skill.files[1].path, "references/a.md");
  EXPECT_EQ(skill.files[2].path, "references/b.md");
  folder_.Write("order/SKILL.md", "# No front matter\n");
  EXPECT_EQ(Read().name, "order");
  EXPECT_NE(Read().digest, skill.digest);
}

TEST_F(SkillTest, EndsTheSystemMessage) {
  const std::string added = "# Order\nFirst things first.\n\nFirst example.\n\nSecond example.\n";
  const std::vector<Message> opening =
      Opening({Said(Role::kSystem, "You help.\n"), Said(Role::kUser, "Go.")}, "");
  ASSERT_EQ(opening.size(), 2u);
  EXPECT_EQ(opening[0].text, "You help.\n\n" + added);
  EXPECT_EQ(opening[1].text, "Go.");
  const std::vector<Message> alone = Opening({Said(Role::kUser, "Go.")}, "");
  ASSERT_EQ(alone.size(), 2u);
  EXPECT_EQ(alone[0].role, Role::kSystem);
  EXPECT_EQ(alone[0].text, added);
}

TEST_F(SkillTest, WithAProtocolsAnnouncementEndsTheUserMessage) {
  const std::vector<Message> opening = Opening(
      {Said(Role::kSystem, "You help.\n"), Said(Role::kUser, "Go.\n")}, "## A skill\nRead it.\n");
  EXPECT_EQ(opening[0].text, "You help.\n");
  EXPECT_EQ(
      opening[1].text,
      "Go.\n\n## A skill\nRead it.\n\n\n`/skills/order-first/SKILL.md`:\n\n---\nname: order-first\n"
      "description: x\n---\n\n# Order\nFirst things first.\n"
      "\n`/skills/order-first/references/a.md`:\n\nFirst example.\n"
      "\n`/skills/order-first/references/b.md`:\n\nSecond example.\n");
}

TEST_F(SkillTest, MakesOtherTasksOfTheTasks) {
  const auto tasks = WithSkill(std::make_unique<OneTask>(std::vector<Message>{}), Read(), "");
  EXPECT_NE(tasks->refs()[0].digest, "d");
  EXPECT_EQ((*tasks->Load(0))->digest, tasks->refs()[0].digest);
  EXPECT_EQ(tasks->refs()[0].id, "toy/one");
}

TEST_F(SkillTest, WhatIsNoSkillIsNamed) {
  const auto problem = [&](const std::string& path) {
    const Result<Skill> skill = ReadSkill(folder_.path() + path);
    std::string text = skill ? "" : skill.error().ToString();
    for (size_t at = text.find(folder_.path()); at != std::string::npos;
         at = text.find(folder_.path())) {
      text.replace(at, folder_.path().size(), "X");
    }
    return text;
  };
  EXPECT_EQ(problem("/nowhere"), "--skill: \"X/nowhere\" is no folder");
  EXPECT_EQ(problem(""), "--skill: \"X\" holds no SKILL.md: name the folder that holds it");
  folder_.Write("order/references/a.md", "\xff");
  EXPECT_EQ(problem("/order"), "X/order/references/a.md: not UTF-8");
  folder_.Write("order/SKILL.md", "---\nname: [\n---\n");
  EXPECT_EQ(problem("/order").substr(0, 19), "X/order/SKILL.md:3:");
}

// A skill from elsewhere must not send a file of this machine to an endpoint.
TEST_F(SkillTest, ALinkOutOfTheFolderIsRefused) {
  namespace fs = std::filesystem;
  folder_.Write("private.md", "the key");
  const std::string link = folder_.path() + "/order/references/c.md";
  fs::create_symlink("../../private.md", link);
  const Result<Skill> refused = ReadSkill(folder_.path() + "/order");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().ToString(),
            link + ": a link to a file outside the skill's folder: put a copy of the file there");
  fs::remove(link);
  fs::create_symlink("a.md", link);
  EXPECT_EQ(Read().files.back().text, "First example.\n\n");
  fs::create_directory_symlink(folder_.path() + "/order", folder_.path() + "/elsewhere");
  EXPECT_TRUE(ReadSkill(folder_.path() + "/elsewhere"));
}

}  // namespace
}  // namespace axiometer
