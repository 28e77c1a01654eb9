// The patterns that our coroutines use, each checked to destroy what it made exactly once. GCC 12.2
// destroys twice what an aggregate with a non-trivial member holds if the aggregate is built inside
// a co_await expression: `co_await F(Wish{a, b})`, `co_await F({.text = a})`, `Wish{co_await A(),
// b}`, `Wish w = c ? co_await A() : Wish{}`, `co_await [held]() -> Async<> {...}()`. Those cannot
// be tested (they are undefined), only kept out: name the aggregate first.
#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "harness/io/loop.h"
#include "harness/io/rendezvous.h"

namespace axiometer {
namespace {

int alive = 0;
int destroyed_twice = 0;

// Counts itself and notices a second destruction.
class Counted {
 public:
  explicit Counted(std::string text) : text_(std::move(text)) { ++alive; }
  Counted(const Counted& other) : text_(other.text_) { ++alive; }
  Counted(Counted&& other) noexcept : text_(std::move(other.text_)) { ++alive; }
  Counted& operator=(const Counted&) = default;
  Counted& operator=(Counted&&) noexcept = default;
  ~Counted() {
    if (mark_ != kAlive) ++destroyed_twice;
    mark_ = 0;
    --alive;
  }
  const std::string& text() const { return text_; }

 private:
  static constexpr unsigned kAlive = 0x600d600d;
  std::string text_;
  volatile unsigned mark_ = kAlive;
};

struct Wish {  // an aggregate with a non-trivial member
  Counted what;
  int count = 0;
};

class Order {  // the same with a constructor
 public:
  Order(Counted what, int count) : what(std::move(what)), count(count) {}
  Counted what;
  int count;
};

Order MakeOrder(const std::string& text) { return Order(Counted(text), 1); }

class Gcc12Coroutines : public testing::Test {
 protected:
  void SetUp() override {
    alive = 0;
    destroyed_twice = 0;
  }

  // Runs `work` and expects that it said `said` and left nothing behind.
  void Expect(Async<std::string> work, const std::string& said) {
    std::string got;
    loop_.Spawn(Into(std::move(work), got));
    loop_.Run();
    EXPECT_EQ(got, said);
    EXPECT_EQ(alive, 0);
    EXPECT_EQ(destroyed_twice, 0);
  }

  static Async<> Into(Async<std::string> work, std::string& got) { got = co_await std::move(work); }

  // Suspends for real, so that frames live across a resumption.
  Async<> Pause() {
    Rendezvous<bool> later(loop_);
    loop_.Post([&later] { later.Deliver(true); });
    co_await later.Wait();
  }

  Async<std::string> TakeWish(Wish wish) {
    co_await Pause();
    co_return wish.what.text() + std::to_string(wish.count);
  }
  Async<std::string> ReadWish(const Wish& wish) {
    co_await Pause();
    co_return wish.what.text() + std::to_string(wish.count);
  }
  Async<std::string> TakeOrder(Order order) {
    co_await Pause();
    co_return order.what.text() + std::to_string(order.count);
  }
  Async<Counted> Make(std::string text) {
    co_await Pause();
    co_return Counted(std::move(text));
  }
  Async<Wish> MakeWish(std::string text) {
    co_await Pause();
    Wish wish{Counted(std::move(text)), 1};
    co_return wish;
  }
  Async<bool> Yes() {
    co_await Pause();
    co_return true;
  }
  Async<Counted> Throw() {
    co_await Pause();
    throw std::runtime_error("thrown");
  }

  Loop loop_;
};

TEST_F(Gcc12Coroutines, AnAggregateNamedFirstIsMovedIn) {
  const auto work = [](auto& self) -> Async<std::string> {
    Wish wish{Counted("a"), 1};
    co_return co_await self.TakeWish(std::move(wish));
  };
  Expect(work(*this), "a1");
}

TEST_F(Gcc12Coroutines, AnAggregateNamedFirstIsReferredTo) {
  const auto work = [](auto& self) -> Async<std::string> {
    const Wish wish{Counted("a"), 1};
    co_return co_await self.ReadWish(wish);
  };
  Expect(work(*this), "a1");
}

TEST_F(Gcc12Coroutines, AClassWithAConstructorMayBeATemporary) {
  const auto work = [](auto& self) -> Async<std::string> {
    co_return co_await self.TakeOrder(Order(Counted("a"), 1));
  };
  Expect(work(*this), "a1");
}

TEST_F(Gcc12Coroutines, AFactoryMayBuildTheArgument) {
  const auto work = [](auto& self) -> Async<std::string> {
    co_return co_await self.TakeOrder(MakeOrder("a"));
  };
  Expect(work(*this), "a1");
}

TEST_F(Gcc12Coroutines, PartsAreAwaitedBeforeTheWhole) {
  const auto work = [](auto& self) -> Async<std::string> {
    Counted what = co_await self.Make("a");
    Wish wish{std::move(what), 2};
    co_return co_await self.TakeWish(std::move(wish));
  };
  Expect(work(*this), "a2");
}

TEST_F(Gcc12Coroutines, ReturnedAggregatesArriveOnce) {
  const auto work = [](auto& self) -> Async<std::string> {
    Wish wish = co_await self.MakeWish("a");
    wish = co_await self.MakeWish("b");
    const std::vector<Wish> both{wish, wish};
    co_return both[0].what.text() + both[1].what.text();
  };
  Expect(work(*this), "bb");
}

TEST_F(Gcc12Coroutines, OptionalsAndBranchesHoldOneEach) {
  const auto work = [](auto& self) -> Async<std::string> {
    std::optional<Counted> kept;
    const bool yes = co_await self.Yes();
    if (yes) {
      kept = co_await self.Make("a");
    } else {
      kept.reset();
    }
    co_return kept->text();
  };
  Expect(work(*this), "a");
}

TEST_F(Gcc12Coroutines, LoopsSwitchesAndAndsAreSound) {
  const auto work = [](auto& self) -> Async<std::string> {
    std::string said;
    const std::vector<std::string> words{"a", "b"};
    for (const std::string& word : words) {
      const Counted made = co_await self.Make(word);
      switch (made.text()[0]) {
        case 'a':
          said += "1";
          break;
        default:
          said += co_await self.TakeOrder(Order(made, 2));
          break;
      }
      const bool both = word == "b" && co_await self.Yes();
      if (both) said += "!";
    }
    co_return said;
  };
  Expect(work(*this), "1b2!");
}

TEST_F(Gcc12Coroutines, AThrowUnwindsOnce) {
  const auto work = [](auto& self) -> Async<std::string> {
    const Counted before("a");
    std::string said;
    try {
      const Counted never = co_await self.Throw();
      said = never.text();
    } catch (const std::runtime_error& error) {
      said = error.what();
    }
    co_return said;
  };
  Expect(work(*this), "thrown");
}

TEST_F(Gcc12Coroutines, ALambdaNamedFirstKeepsItsCaptures) {
  const auto work = [](auto& self) -> Async<std::string> {
    const Counted held("a");
    const auto inner = [held, &self]() -> Async<std::string> {
      co_await self.Pause();
      co_return held.text();
    };
    co_return co_await inner();
  };
  Expect(work(*this), "a");
}

}  // namespace
}  // namespace axiometer
