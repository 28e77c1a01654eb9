#include "judges/transcript.h"

#include "harness/base/digest.h"

namespace axiometer {
namespace {

bool BeginsCharacter(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

// Two thirds of the room go to the beginning: results tell their shape there.
std::string Cut(const std::string& text, size_t max_bytes) {
  if (text.size() <= max_bytes) return text;
  size_t head = max_bytes * 2 / 3;
  size_t tail = text.size() - (max_bytes - head);
  while (head > 0 && !BeginsCharacter(text[head])) --head;
  while (tail < text.size() && !BeginsCharacter(text[tail])) ++tail;
  return text.substr(0, head) + "\n[" + std::to_string(tail - head) + " bytes left out]\n" +
         text.substr(tail);
}

struct Block {
  int id = 0;
  std::string title;
  std::string body;
};

void AppendPart(const std::string& label, const std::string& text, size_t max_bytes,
                std::string& body) {
  if (text.empty()) return;
  if (!label.empty()) body += label + ":\n";
  body += Cut(text, max_bytes);
  if (body.back() != '\n') body += '\n';
}

Block WriteEvent(const Event& event, size_t max_bytes) {
  Block block;
  block.id = event.id;
  const std::string turn = "turn " + std::to_string(event.step) + ", ";
  switch (event.kind) {
    case EventKind::kMessage:
      block.title = std::string(RoleName(event.message.role)) + " message";
      AppendPart("", event.message.text, max_bytes, block.body);
      break;
    case EventKind::kReply:
      block.title = turn + "the agent speaks";
      AppendPart("reasoning", event.message.reasoning, max_bytes, block.body);
      AppendPart(event.message.reasoning.empty() ? "" : "text", event.message.text, max_bytes,
                 block.body);
      if (block.body.empty()) block.body = "(no text)\n";
      break;
    case EventKind::kTool:
      block.title = turn + "the agent calls " + event.tool.name;
      AppendPart("arguments", event.tool.arguments, max_bytes, block.body);
      AppendPart("result", event.tool.result, max_bytes, block.body);
      break;
    case EventKind::kFailure:
      block.title = turn + "a failure";
      AppendPart("", event.failure, max_bytes, block.body);
      break;
  }
  return block;
}

std::vector<Block> WriteEvents(const Trajectory& trajectory, const TranscriptLimits& limits) {
  for (size_t text_bytes = limits.text_bytes;; text_bytes /= 2) {
    std::vector<Block> blocks;
    size_t bytes = 0;
    for (const Event& event : trajectory.events) {
      blocks.push_back(WriteEvent(event, text_bytes));
      bytes += blocks.back().body.size();
    }
    if (bytes <= limits.bytes || text_bytes < 400) return blocks;
  }
}

}  // namespace

Transcript WriteTranscript(const Trajectory& trajectory, const TranscriptLimits& limits) {
  const std::vector<Block> blocks = WriteEvents(trajectory, limits);
  Sha256Stream digest;
  Transcript transcript;
  for (const Block& block : blocks) {
    digest.Update(block.title);
    digest.Update("\n");
    digest.Update(block.body);
    transcript.events.push_back(block.id);
  }
  transcript.mark = digest.Hex().substr(0, 16);
  const std::string line = "==" + transcript.mark + "== ";
  for (const Block& block : blocks) {
    transcript.text += line + "[E" + std::to_string(block.id) + "] " + block.title + "\n";
    transcript.text += block.body;
  }
  transcript.text += line + "end, outcome: " + OutcomeName(trajectory.outcome) + "\n";
  return transcript;
}

}  // namespace axiometer
