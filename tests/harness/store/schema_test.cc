#include "harness/store/schema.h"

#include <fstream>

#include "tests/harness/store/store_fixture.h"

namespace axiometer {
namespace {

class SchemaTest : public StoreTest {
 protected:
  std::unique_ptr<Database> OpenRaw() {
    auto database = Database::Open(Path(), Database::Access::kWrite);
    EXPECT_TRUE(database);
    return std::move(*database);
  }
  void Sql(const std::string& sql) {
    const Result<void> done = OpenRaw()->Execute(sql);
    EXPECT_TRUE(done) << done.error().ToString();
  }
  std::string Bytes() const {
    std::ifstream file(Path(), std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
  }
  std::string WriterRefusal() { return Plain(StoreWriter::Open(loop_, Path()).error().ToString()); }
  std::string ReaderRefusal() { return Plain(StoreReader::Open(Path()).error().ToString()); }
};

TEST_F(SchemaTest, MissingAndEmptyFilesBecomeStores) {
  for (const bool exists : {false, true}) {
    std::filesystem::remove(Path());
    if (exists) std::ofstream(Path()).flush();
    Write({Run("01A")});
    CloseWriter();
    EXPECT_EQ(Reader()->FindRun("latest")->run.id, "01A");
    EXPECT_EQ(*StoreVersion(*OpenRaw()), SchemaVersion());
  }
}

TEST_F(SchemaTest, AClosedStoreIsOneFile) {
  Write({Run("01A")});
  CloseWriter();
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder_))
    names.push_back(entry.path().filename());
  EXPECT_EQ(names, std::vector<std::string>{"x.db"});
}

TEST_F(SchemaTest, MigrationsLeadFromEveryOlderVersion) {
  const char* const scripts[] = {"CREATE TABLE one (a);", "ALTER TABLE one ADD COLUMN b;",
                                 "CREATE TABLE two (c);"};
  const std::span<const char* const> all(scripts);
  for (size_t older = 0; older < all.size(); ++older) {
    std::filesystem::remove(Path());
    const auto database = OpenRaw();
    EXPECT_TRUE(Migrate(*database, all.first(older)));
    EXPECT_TRUE(Migrate(*database, all));
    EXPECT_EQ(*StoreVersion(*database, 3), 3);
    EXPECT_TRUE(database->Execute("SELECT a, b, c FROM one, two"));
  }
}

TEST_F(SchemaTest, AStoreOfVersionOneIsMigratedWhenItIsWrittenTo) {
  EXPECT_TRUE(Migrate(*OpenRaw(), Migrations().first(1)));
  Write({Run("01A"), BatchRow{std::string(64, 'e'), "batch_1", "01A", 5, 24, {}}, StateChangeRow{1, 4, "[]"}});
  EXPECT_EQ(*StoreVersion(*OpenRaw()), SchemaVersion());
  EXPECT_EQ(Reader()->Batches(std::string(64, 'e'))->size(), 1u);
  EXPECT_EQ(*Reader()->StateChanges(1), (std::map<int, std::string>{{4, "[]"}}));
}

TEST_F(SchemaTest, AFailedMigrationChangesNothing) {
  const char* const scripts[] = {"CREATE TABLE one (a);", "CREATE TABLE two (b);",
                                 "CREATE TABLE one (a);"};
  const auto database = OpenRaw();
  EXPECT_TRUE(Migrate(*database, std::span(scripts).first(1)));
  EXPECT_EQ(Plain(Migrate(*database, scripts).error().ToString()),
            "store \"x.db\": table one already exists");
  EXPECT_EQ(*StoreVersion(*database), 1);
  EXPECT_FALSE(database->Execute("SELECT * FROM two"));
}

TEST_F(SchemaTest, NewerStoresAreRefused) {
  Write({Run("01A")});
  CloseWriter();
  Sql("PRAGMA user_version = 7");
  const std::string refusal =
      "store \"x.db\" was written by a newer axiometer (schema 7, this one knows " + std::to_string(SchemaVersion()) +
      "): update axiometer, or name another with --db";
  EXPECT_EQ(WriterRefusal(), refusal);
  EXPECT_EQ(ReaderRefusal(), refusal);
}

TEST_F(SchemaTest, AnotherProgramsDatabaseIsRefusedAndLeftAsItWas) {
  const std::string refusal =
      "store \"x.db\" is another program's database: name another with --db";
  for (const char* sql : {"CREATE TABLE bookmarks (url)", "PRAGMA application_id = 5",
                          "PRAGMA user_version = 3; CREATE TABLE t (a); DROP TABLE t"}) {
    std::filesystem::remove(Path());
    Sql(sql);
    const std::string before = Bytes();
    EXPECT_EQ(WriterRefusal(), refusal) << sql;
    EXPECT_EQ(ReaderRefusal(), refusal) << sql;
    EXPECT_EQ(Bytes(), before) << sql;
    EXPECT_FALSE(std::filesystem::exists(Path("x.db.lock")));
  }
}

TEST_F(SchemaTest, FilesThatAreNoDatabaseAreRefused) {
  std::ofstream(Path()) << std::string(5'000, 'a');
  const std::string refusal = "store \"x.db\": file is not a database: name another file with --db";
  EXPECT_EQ(WriterRefusal(), refusal);
  EXPECT_EQ(ReaderRefusal(), refusal);
  EXPECT_EQ(Bytes(), std::string(5'000, 'a'));
}

TEST_F(SchemaTest, ShortFilesThatAreNoDatabaseAreRefused) {
  std::ofstream(Path()) << "id,score\n";
  EXPECT_EQ(ReaderRefusal(), "store \"x.db\": file is not a database: name another file with --db");
  EXPECT_EQ(WriterRefusal(), "store \"x.db\": file is not a database: name another file with --db");
}

TEST_F(SchemaTest, ATruncatedStoreIsRefused) {
  Write({Run("01A")});
  CloseWriter();
  std::filesystem::resize_file(Path(), 9'000);
  EXPECT_EQ(ReaderRefusal(),
            "store \"x.db\": database disk image is malformed: the file is damaged: \"sqlite3 FILE "
            ".recover\" saves what can be read");
}

TEST_F(SchemaTest, FoldersAndMissingFilesAreRefused) {
  EXPECT_EQ(ReaderRefusal(),
            "store \"x.db\" does not exist: \"axiometer eval\" makes one; name another with --db");
  std::ofstream(Path()).flush();
  EXPECT_EQ(ReaderRefusal(),
            "store \"x.db\" is empty: \"axiometer eval\" fills it; name another with --db");
  std::filesystem::remove(Path());
  std::filesystem::create_directory(Path());
  EXPECT_EQ(WriterRefusal(), "store \"x.db\" is a folder: name a file with --db");
  EXPECT_EQ(ReaderRefusal(), "store \"x.db\" is a folder: name a file with --db");
  const auto missing = StoreWriter::Open(loop_, Path("nowhere/x.db"));
  EXPECT_NE(Plain(missing.error().ToString()).find("No such file or directory"), std::string::npos);
}

}  // namespace
}  // namespace axiometer
