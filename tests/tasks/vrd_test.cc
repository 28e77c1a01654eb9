#include "tasks/vrd.h"

#include <gtest/gtest.h>

namespace axiometer {
namespace {

std::vector<std::string> Lines(const VrdList& list) {
  std::vector<std::string> lines;
  for (const Vrd& vrd : list.vrds) {
    lines.push_back(vrd.type + "|" + vrd.text + (vrd.valence.empty() ? "" : "|" + vrd.valence));
  }
  return lines;
}

TEST(Vrd, TypesAreCleanedInTheReferencesOrder) {
  EXPECT_EQ(CleanVrdType("VALUE"), "Value");
  EXPECT_EQ(CleanVrdType("Rights"), "Right");
  EXPECT_EQ(CleanVrdType("duties"), "Duty");
  EXPECT_EQ(CleanVrdType("right or value"), "Value");
  EXPECT_EQ(CleanVrdType("virtue"), std::nullopt);
}

TEST(Vrd, ALineIsATypeAndATextAndWhatFollowsASecondColonIsLost) {
  const VrdList list =
      ReadVrdList("Right: Right to rest\nDuty: Duty to work: always\r\n\nValue: Health");
  EXPECT_EQ(Lines(list),
            (std::vector<std::string>{"Right|Right to rest", "Duty|Duty to work", "Value|Health"}));
  EXPECT_EQ(list.unread, 0u);
}

TEST(Vrd, ListMarksEmphasisAndNumbersAreNoPartOfIt) {
  const VrdList list = ReadVrdList(
      "1. **Value**: Health\n- Rights 2: Rest\n* **Duty:** Work\n3) VALUE #4: `Joy`\n• value: "
      "Calm");
  EXPECT_EQ(Lines(list), (std::vector<std::string>{"Value|Health", "Right|Rest", "Duty|Work",
                                                   "Value|Joy", "Value|Calm"}));
}

TEST(Vrd, LinesThatAreNoneAreCounted) {
  const VrdList list = ReadVrdList(
      "Here is a list of values: health\nRight to rest: people need it\nValue:Health\nVirtue: "
      "Courage\nValue: \nValue: !\nDuty: Work");
  EXPECT_EQ(Lines(list), std::vector<std::string>{"Duty|Work"});
  EXPECT_EQ(list.unread, 6u);
  EXPECT_EQ(ReadVrdList("").unread, 0u);
}

TEST(Vrd, AValenceMayStandInBracketsAtTheEnd) {
  const VrdList list = ReadVrdList(
      "Value: Health (supports)\nRight: Rest [OPPOSES]\nDuty: Work (at night) (Either)\nValue: Joy "
      "(always)");
  EXPECT_EQ(Lines(list),
            (std::vector<std::string>{"Value|Health|Supports", "Right|Rest|Opposes",
                                      "Duty|Work (at night)|Either", "Value|Joy (always)"}));
}

TEST(Vrd, TextsAreComparedInTheirNormalForm) {
  EXPECT_EQ(NormalVrdText("Right to rest"), "rest");
  EXPECT_EQ(NormalVrdText("The Rights of a Child's safe streets!"), "childs safe street");
  EXPECT_EQ(NormalVrdText("Duty to help"), "help");
  EXPECT_EQ(NormalVrdText("Right to"), "right to");
  EXPECT_EQ(NormalVrdText("Kindness"), "kindness");
  EXPECT_EQ(NormalVrdText("Status"), "status");
  EXPECT_EQ(NormalVrdText("Crisis"), "crisis");
  EXPECT_EQ(NormalVrdText("Gas"), "gas");
  EXPECT_EQ(NormalVrdText("Self-respect"), "self respect");
  EXPECT_EQ(NormalVrdText("Égalité"), "Égalité");
  EXPECT_EQ(NormalVrdText("  –  "), "");
}

TEST(Vrd, MatchersNeedEqualTypesWhereBothAreKnown) {
  const VrdSet wanted(
      {{"Right", "Right to a safe home", ""}, {"Value", "Health", ""}, {"", "Joy", ""}});
  const VrdSet named({{"Value", "health", ""},
                      {"Duty", "Health", ""},
                      {"Right", "Safe home", ""},
                      {"Value", "Joys", ""}});
  EXPECT_EQ(wanted.CountIn(named, VrdMatcher::kExact), 3u);
  EXPECT_EQ(named.CountIn(wanted, VrdMatcher::kExact), 3u);
  EXPECT_EQ(named.PlacesIn(wanted, VrdMatcher::kExact), (std::vector<int>{1, -1, 0, 2}));
}

TEST(Vrd, OverlapTakesSixTenthsOfTheWordsForEqual) {
  const VrdSet wanted({{"Right", "Right to a quiet home", ""}});
  const VrdSet near({{"Right", "Right to home", ""}});  // home / quiet home: F = 2/3
  const VrdSet far(
      {{"Right", "Right to a warm dry home", ""}});  // home / quiet home, warm dry home: F = 2/5
  EXPECT_EQ(wanted.CountIn(near, VrdMatcher::kExact), 0u);
  EXPECT_EQ(wanted.CountIn(near, VrdMatcher::kOverlap), 1u);
  EXPECT_EQ(wanted.CountIn(far, VrdMatcher::kOverlap), 0u);
}

TEST(Vrd, RepetitionsAreOne) {
  const VrdSet set({{"Right", "Right to rest", ""}, {"Right", "Rests", ""}, {"Value", "Rest", ""}});
  EXPECT_EQ(set.size(), 2u);
  EXPECT_EQ(set.source(1), 2u);
}

}  // namespace
}  // namespace axiometer
