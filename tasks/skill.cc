#include "tasks/skill.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "harness/base/file.h"
#include "harness/base/utf8.h"
#include "harness/base/yaml_reader.h"
#include "tasks/changed_tasks.h"

namespace axiometer {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMaxSkillBytes = 1u << 20;
constexpr std::string_view kFence = "---\n";

// Where the text after the front matter begins; 0: there is none.
size_t EndOfFrontMatter(const std::string& text) {
  if (!text.starts_with(kFence)) return 0;
  const size_t end = text.find("\n---\n", kFence.size() - 1);
  return end == std::string::npos ? 0 : end + 1 + kFence.size();
}

// What lies in `folder` (without links) and nothing that a link in it points to: what is read is sent to the subject's
// endpoint, and a skill may come from anybody.
Result<std::string> ReadText(const fs::path& path, const fs::path& folder) {
  std::error_code error;
  const fs::path resolved = fs::canonical(path, error);
  if (!error && resolved.lexically_relative(folder).begin()->string() == "..") {
    return BadInput(ForTerminal(path.string()), "a link to a file outside the skill's folder",
                    "put a copy of the file there");
  }
  Result<std::string> text = ReadFile(path.string(), kMaxSkillBytes);
  if (text && !IsUtf8(*text)) return BadInput(ForTerminal(path.string()), "not UTF-8");
  return text;
}

// The name in the front matter; empty if it has none.
Result<std::string> NameIn(const std::string& text, const std::string& where) {
  const size_t end = EndOfFrontMatter(text);
  if (end == 0) return std::string();
  // With the line that begins it, so that errors have the file's lines.
  const Result<YamlView> front = YamlView::Parse(text.substr(0, end - kFence.size()), where);
  if (!front) return front.error();
  if (!front->is_mapping()) return std::string();
  const auto members = front->Members();
  if (!members) return members.error();
  for (const auto& [key, value] : *members) {
    if (key == "name") return value.Text();
  }
  return std::string();
}

class SkilledTasks : public ChangedTasks {
 public:
  SkilledTasks(std::unique_ptr<TaskSource> source, Skill skill, std::string block)
      : ChangedTasks(std::move(source), skill.digest + "\n" + block),
        skill_(std::move(skill)),
        block_(std::move(block)) {}

 private:
  void Change(Task& task) const override {
    if (block_.empty()) {
      AppendToSystem(task.opening);
    } else {
      AppendToUser(task.opening);
    }
  }

  static std::string Stripped(const std::string& text) { return std::string(TrimPython(text)); }

  void AppendToSystem(std::vector<Message>& opening) const {
    const auto is_system = [](const Message& message) { return message.role == Role::kSystem; };
    auto system = std::find_if(opening.begin(), opening.end(), is_system);
    if (system == opening.end()) {
      Message message;
      message.role = Role::kSystem;
      system = opening.insert(opening.begin(), std::move(message));
    }
    for (const SkillFile& file : skill_.files) {
      if (!system->text.empty()) system->text = Stripped(system->text) + "\n\n";
      system->text += Stripped(WithoutFrontMatter(file.text)) + "\n";
    }
  }

  // As the released preparation ends an instruction that has no section of tools; the files are
  // ours.
  void AppendToUser(std::vector<Message>& opening) const {
    const auto is_user = [](const Message& message) { return message.role == Role::kUser; };
    const auto user = std::find_if(opening.begin(), opening.end(), is_user);
    if (user == opening.end()) return;
    user->text = Stripped(user->text) + "\n\n" + block_ + "\n";
    for (const SkillFile& file : skill_.files) {
      user->text +=
          "\n`/skills/" + skill_.name + "/" + file.path + "`:\n\n" + Stripped(file.text) + "\n";
    }
  }

  const Skill skill_;
  const std::string block_;
};

}  // namespace

std::string WithoutFrontMatter(const std::string& text) {
  return text.substr(EndOfFrontMatter(text));
}

Result<Skill> ReadSkill(const std::string& directory) {
  std::error_code error;
  fs::path folder = fs::absolute(directory, error).lexically_normal();
  if (!folder.has_filename()) folder = folder.parent_path();
  if (!fs::is_directory(folder, error))
    return UsageError("--skill", Quoted(directory) + " is no folder");
  const fs::path main = folder / "SKILL.md";
  if (!fs::is_regular_file(main, error)) {
    return UsageError("--skill", Quoted(directory) + " holds no SKILL.md",
                      "name the folder that holds it");
  }
  const fs::path resolved = fs::canonical(folder, error);
  if (error) return UsageError("--skill", Quoted(directory) + " cannot be resolved: " + error.message());
  Skill skill;
  Result<std::string> text = ReadText(main, resolved);
  if (!text) return std::move(text).error();
  Result<std::string> name = NameIn(*text, ForTerminal(main.string()));
  if (!name) return std::move(name).error();
  skill.name = name->empty() ? folder.filename().string() : *std::move(name);
  skill.files.push_back({"SKILL.md", *std::move(text)});
  std::vector<fs::path> references;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder / "references", error)) {
    if (entry.path().extension() == ".md") references.push_back(entry.path());
  }
  std::sort(references.begin(), references.end());
  for (const fs::path& path : references) {
    Result<std::string> reference = ReadText(path, resolved);
    if (!reference) return std::move(reference).error();
    skill.files.push_back({"references/" + path.filename().string(), *std::move(reference)});
  }
  Sha256Stream digest;
  for (const SkillFile& file : skill.files) {
    digest.Update(file.path + "\n" + std::to_string(file.text.size()) + ":" + file.text);
  }
  skill.digest = digest.Hex();
  return skill;
}

std::unique_ptr<TaskSource> WithSkill(std::unique_ptr<TaskSource> source, Skill skill,
                                      std::string block) {
  return std::make_unique<SkilledTasks>(std::move(source), std::move(skill), std::move(block));
}

}  // namespace axiometer
