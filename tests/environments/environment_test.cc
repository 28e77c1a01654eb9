#include "environments/environment.h"

#include "tests/environments/sandbox_fixture.h"

namespace axiometer {
namespace {

using Status = CallResult::Status;

class EnvironmentTest : public SandboxTest {};

constexpr char kLedger[] =
    "  def add(self, amount, note=None):\n"
    "    if amount < 0: raise ToolError('the amount must not be negative')\n"
    "    self.state['entries'].append({'id': self.new_id('E'), 'amount': amount, 'at': self.now})\n"
    "    return {'entries': len(self.state['entries'])}\n"
    "  def show(self):\n"
    "    return self.state['entries']\n"
    "  def fail(self):\n"
    "    return 1 // 0\n"
    "  def _secret(self):\n"
    "    return 'never'\n";

TEST_P(EnvironmentTest, AToolChangesTheStateThatTheNextOneSees) {
  const auto ledger = Start(Spec(kLedger, R"({"entries": [], "now": "2026-04-15T09:30:00"})"));
  EXPECT_EQ(Call(*ledger, "add", R"({"amount": 1.0})").content, R"({"entries": 1})");
  EXPECT_EQ(Call(*ledger, "add", R"({"amount": 2})").content, R"({"entries": 2})");
  EXPECT_EQ(Call(*ledger, "show").content,
            R"([{"id": "E-1", "amount": 1.0, "at": "2026-04-15T09:30:00"}, )"
            R"({"id": "E-2", "amount": 2, "at": "2026-04-15T09:30:00"}])");
  const CallResult state = Wait(ledger->State());
  EXPECT_EQ(state.status, Status::kAnswered);
  EXPECT_EQ(
      state.content,
      R"({"entries": [{"id": "E-1", "amount": 1.0, "at": "2026-04-15T09:30:00"}, )"
      R"({"id": "E-2", "amount": 2, "at": "2026-04-15T09:30:00"}], "now": "2026-04-15T09:30:00"})");
}

TEST_P(EnvironmentTest, WhatEachCallChangedComesWithTheState) {
  const auto ledger = Start(Spec(kLedger, R"({"entries": [{"id": "E-0", "amount": 5}], "now": "2026-04-15"})"));
  Call(*ledger, "show");
  Call(*ledger, "add", R"({"amount": 1.5})");
  Call(*ledger, "fail");
  Call(*ledger, "add", R"({"amount": 2})");
  const auto told = [&] {
    std::vector<std::string> lines;
    for (const StateChange& one : Wait(ledger->State()).changes) lines.push_back(std::to_string(one.call) + " " + one.changes);
    return lines;
  };
  const std::string first = R"({"path":"entries[1]","after":{"id":"E-1","amount":1.5,"at":"2026-04-15"}})";
  const std::string second = R"({"path":"entries[2]","after":{"id":"E-2","amount":2,"at":"2026-04-15"}})";
  EXPECT_EQ(told(), (std::vector<std::string>{"0 [" + first + "," + second + "]", "2 [" + first + "]", "4 [" + second + "]"}));
  // A second look says the same.
  EXPECT_EQ(told().size(), 3u);
}

TEST_P(EnvironmentTest, WhatChangedIsToldWithinBounds) {
  const auto world = Start(Spec(
      "  def work(self):\n"
      "    s = self.state\n"
      "    s['gone'], s['list'] = s.pop('here'), [1, 3]\n"
      "    s['long']['east wing'] = 'x' * 5000\n"
      "  def many(self):\n"
      "    for i in range(150): self.state[f'n{i}'] = i\n"
      "  def huge(self):\n"
      "    self.state['huge'] = 'y' * (5 << 20)\n"
      "  def less(self):\n"
      "    self.state.pop('huge')\n",
      R"({"here": 1, "list": [1, 2, 3], "long": {}})"));
  Call(*world, "work");
  Call(*world, "many");
  Call(*world, "huge");
  Call(*world, "less");
  const std::vector<StateChange> changes = Wait(world->State()).changes;
  ASSERT_EQ(changes.size(), 3u);  // without 0: what came after the third call is not known
  EXPECT_EQ(changes[0].changes, R"([{"path":"here","before":1},{"path":"list[1]","before":2},)"
                                R"({"path":"long[\"east wing\"]","after_start":"\")" +
                                    std::string(999, 'x') + R"("},{"path":"gone","after":1}])");
  EXPECT_TRUE(changes[1].changes.ends_with(R"({"path":"n99","after":99},{"left_out":true}])")) << changes[1].changes;
  EXPECT_EQ(changes[2].call, 3);
  EXPECT_EQ(changes[2].changes, R"([{"left_out":true}])");
}

TEST_P(EnvironmentTest, WhatAToolRefusesIsAnAnswer) {
  const auto ledger = Start(Spec(kLedger, R"({"entries": []})"));
  EXPECT_EQ(Call(*ledger, "add", R"({"amount": -1})").content,
            R"({"error": "the amount must not be negative"})");
  EXPECT_EQ(Call(*ledger, "add", R"({"sum": 1})").content,
            R"({"error": "add() got an unexpected keyword argument 'sum'"})");
  EXPECT_EQ(Call(*ledger, "fail").content,
            R"({"error": "ZeroDivisionError: integer division or modulo by zero"})");
  for (const char* hidden : {"_secret", "call_tool", "new_id", "state", "__init__", "nothing"}) {
    EXPECT_EQ(Call(*ledger, hidden).content,
              std::string(R"({"error": "unknown tool ')") + hidden + R"('"})");
  }
  EXPECT_EQ(Call(*ledger, "show").content, "[]");
}

TEST_P(EnvironmentTest, ANewIdAvoidsThoseOfTheState) {
  const auto ledger = Start(Spec(kLedger, R"({"entries": [{"id": "E-1"}], "E-2": true})"));
  Call(*ledger, "add", R"({"amount": 5})");
  EXPECT_NE(Call(*ledger, "show").content.find(R"("id": "E-3")"), std::string::npos);
}

TEST_P(EnvironmentTest, TextReachesTheCallerByteForByte) {
  const auto echo = Start(
      Spec("  def echo(self, text):\n    return {'text': text, 'n': [1e16, 1e-5, True, None]}\n"));
  EXPECT_EQ(
      Call(*echo, "echo", R"({"text": "ä \"quoted\" \\ / \n \u0001 \ud83d\ude00 \u2028"})").content,
      "{\"text\": \"ä \\\"quoted\\\" \\\\ / \\n \\u0001 😀 \u2028\", \"n\": [1e+16, 1e-05, true, "
      "null]}");
  // Half a surrogate pair has no UTF-8.
  EXPECT_EQ(Call(*echo, "echo", R"({"text": "a\ud83d"})").content,
            "{\"text\": \"a\uFFFD\", \"n\": [1e+16, 1e-05, true, null]}");
}

TEST_P(EnvironmentTest, WhatToolsPrintDisturbsNothing) {
  const CallResult result =
      Act("import sys, os\nprint('{\"id\": 1}')\nprint('x', file=sys.stderr)\nsys.stdout.flush()\n"
          "os.write(1, b'{}\\n')\nos.write(2, b'{}\\n')\nreturn sys.stdin.read()");
  EXPECT_EQ(result.content, "\"\"");
}

TEST_P(EnvironmentTest, TwoRunsDrawTheSame) {
  const auto spec = Spec(
      "  def draw(self):\n    import random\n    return [random.random(), list({'a', 'b', "
      "'c'})]\n");
  const std::string first = Call(*Start(spec), "draw").content;
  EXPECT_EQ(Call(*Start(spec), "draw").content, first);
}

TEST_P(EnvironmentTest, AChangedFileIsReadAnew) {
  EXPECT_EQ(Act("return 1").content, "1");
  EXPECT_EQ(Act("return 1").content, "1");
  EXPECT_EQ(Act("return 'two'").content, "\"two\"");
}

TEST_P(EnvironmentTest, ABrokenFileIsAnErrorThatNamesTheLine) {
  const auto spec = Spec("  def act(self:\n    return 1\n");
  const auto environment = Wait(Host().Start(spec));
  ASSERT_FALSE(environment);
  EXPECT_EQ(environment.error().ToString(),
            "environment \"world\": did not start: SyntaxError: '(' was never closed "
            "(environment.py, line 3)");
  EXPECT_EQ(Host().live(), 0);
}

TEST_P(EnvironmentTest, AMissingEnvironmentIsAnError) {
  EnvironmentSpec spec = Spec("  pass\n");
  spec.directory += "-missing";
  const auto environment = Wait(Host().Start(spec));
  ASSERT_FALSE(environment);
  EXPECT_EQ(environment.error().ToString(),
            "environment \"world\": did not start: FileNotFoundError: [Errno 2] No such file or "
            "directory: '" +
                spec.directory + "/environment.py'");
}

TEST_P(EnvironmentTest, NamesThatAreNoNamesAreRefused) {
  EnvironmentSpec spec = Spec("  pass\n");
  spec.name = "../world";
  const auto environment = Wait(Host().Start(spec));
  ASSERT_FALSE(environment);
  EXPECT_EQ(environment.error().ToString(), "environment \"../world\": not a plain name");
}

// An environment of Agent-ValueBench's shape.
constexpr char kBaseEnv[] =
    "import json, os\n"
    "class BaseEnv:\n"
    "  def __init__(self):\n"
    "    path = os.path.join(os.path.dirname(__file__), type(self).__name__ + '.json')\n"
    "    with open(path, encoding='utf-8') as file: self.tools = json.load(file)['tools']\n"
    "  def call_tool(self, name, arguments=None):\n"
    "    if name not in self.tools: return {'success': False, 'message': 'no ' + name}\n"
    "    try: return getattr(self, name)(**arguments)\n"
    "    except Exception as error: return {'success': False, 'message': str(error)}\n";
constexpr char kShop[] =
    "from __future__ import annotations\n"
    "import copy\n"
    "from .BaseEnv import BaseEnv\n"
    "class _GeneratedEnvImpl:\n"
    "  def __init__(self): self.orders = {}; self._hidden = 1; self.index = {}\n"
    "  def order(self, item):\n"
    "    self.orders[item] = 1; self.index[(item, 1)] = {item}; self.tags = {'x'}\n"
    "    return {'success': True, 'data': {item}.pop()}\n"
    "class Shop(BaseEnv):\n"
    "  def __init__(self, *, parameters=None):\n"
    "    super().__init__()\n"
    "    self._inner = _GeneratedEnvImpl()\n"
    "    for key, value in (parameters or {}).items(): setattr(self._inner, key, "
    "copy.deepcopy(value))\n"
    "  def order(self, **arguments): return self._inner.order(**arguments)\n"
    "  def save(self, path):\n"
    "    from pathlib import Path\n"
    "    folder = Path(__file__).resolve().parent.parent / '.saves'\n"
    "    folder.mkdir(exist_ok=True)\n"
    "    (folder / path).write_text('saved')\n"
    "    return {'success': True, 'cwd': str(Path.cwd()), 'files': [str(f) for f in "
    "folder.iterdir()]}\n";

class AgentValueBenchTest : public SandboxTest {
 protected:
  EnvironmentSpec Shop() {
    Write("data/environment/__init__.py", "raise RuntimeError('the package is not imported')\n");
    Write("data/environment/EnvManager.py", "raise RuntimeError('nor its manager')\n");
    Write("data/environment/BaseEnv.py", kBaseEnv);
    Write("data/environment/Shop.py", kShop);
    Write("data/environment/Shop.json", R"({"tools": ["order", "save"]})");
    EnvironmentSpec spec;
    spec.flavour = EnvironmentSpec::Flavour::kAgentValueBench;
    spec.directory = directory_ + "/data/environment";
    spec.name = "Shop";
    spec.state = R"({"orders": {"tea": 2}})";
    return spec;
  }
};

TEST_P(AgentValueBenchTest, TheDataSetsOwnBaseClassAnswersCalls) {
  const auto shop = Start(Shop());
  EXPECT_EQ(Call(*shop, "order", R"({"item": "café"})").content,
            R"({"success": true, "data": "café"})");
  EXPECT_EQ(Call(*shop, "nothing").content, R"({"success": false, "message": "no nothing"})");
}

TEST_P(AgentValueBenchTest, StateThatJsonCannotHoldIsNamed) {
  const auto shop = Start(Shop());
  EXPECT_EQ(Wait(shop->State()).content, R"({"orders": {"tea": 2}, "index": {}})");
  Call(*shop, "order", R"({"item": "cup"})");
  EXPECT_EQ(
      Wait(shop->State()).content,
      R"x({"orders": {"tea": 2, "cup": 1}, "index": {}, "__not_json__": ["index.('cup', 1)", "tags"]})x");
  const std::vector<StateChange> changes = Wait(shop->State()).changes;
  ASSERT_EQ(changes.size(), 2u);
  EXPECT_NE(changes[1].changes.find(R"({"path":"orders.cup","after":1})"), std::string::npos) << changes[1].changes;
  EXPECT_NE(changes[1].changes.find(R"x("path":"index[\"('cup', 1)\"]")x"), std::string::npos) << changes[1].changes;
}

TEST_P(AgentValueBenchTest, WhatIsWrittenBesideThePackageStaysInTheInstance) {
  const auto shop = Start(Shop());
  const std::string saved = Call(*shop, "save", R"({"path": "game"})").content;
  if (IsBubblewrap()) {
    EXPECT_EQ(saved,
              R"({"success": true, "cwd": "/instance", "files": ["/instance/.saves/game"]})");
  } else {
    EXPECT_EQ(saved.find(R"({"success": false, "message": "[Errno )"), 0u) << saved;
  }
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/data/.saves"));
}

TEST_P(AgentValueBenchTest, AMissingPackageIsNamedWithTheRemedy) {
  EnvironmentSpec spec = Shop();
  Write("data/environment/Shop.py", "raise ModuleNotFoundError(\"No module named 'dateutil'\")\n");
  const auto shop = Wait(Host().Start(spec));
  ASSERT_FALSE(shop);
  EXPECT_EQ(shop.error().ToString(),
            "environment \"Shop\": did not start: ModuleNotFoundError: No module named 'dateutil': "
            "install python3-dateutil");
}

TEST_P(AgentValueBenchTest, EveryRealEnvironmentStarts) {
  const char* data = std::getenv("AXIOMETER_AVB_DATA");
  if (data == nullptr || *data == 0)
    GTEST_SKIP() << "AXIOMETER_AVB_DATA does not name the data set's folder";
  const std::string folder =
      std::filesystem::canonical(std::string(data) + "/environment").string();
  auto host = MakeEnvironmentHost(Loop(), options_, {folder});
  ASSERT_TRUE(host) << host.error().ToString();
  int started = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".json") continue;
    EnvironmentSpec spec;
    spec.flavour = EnvironmentSpec::Flavour::kAgentValueBench;
    spec.directory = folder;
    spec.name = entry.path().stem().string();
    spec.state = "{}";
    const auto environment = Wait((*host)->Start(spec));
    ASSERT_TRUE(environment) << environment.error().ToString();
    EXPECT_EQ(Call(**environment, "no_such_tool").content,
              R"({"success": false, "message": "Invalid tool name: no_such_tool"})");
    EXPECT_EQ(Wait((*environment)->State()).status, Status::kAnswered);
    ++started;
  }
  EXPECT_EQ(started, 394);
}

INSTANTIATE_TEST_SUITE_P(Kinds, EnvironmentTest, testing::Values("bubblewrap", "landlock"),
                         KindName);
INSTANTIATE_TEST_SUITE_P(Kinds, AgentValueBenchTest, testing::Values("bubblewrap", "landlock"),
                         KindName);

}  // namespace
}  // namespace axiometer
