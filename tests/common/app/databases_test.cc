#include "common/app/databases.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_folder.h"

namespace spm {
namespace {

const std::vector<std::string> kServices = {"org", "leads"};

class Databases : public ::testing::Test {
 protected:
  void Make(const std::string& service) {
    std::ofstream(folder_.path() + "/" + service + ".db") << "rows";
  }
  void Lose(const std::string& service) {
    std::filesystem::remove(folder_.path() + "/" + service + ".db");
  }
  Status Check(const std::vector<std::string>& services = kServices) {
    return CheckDatabases(folder_.path(), services);
  }

  testing::TempFolder folder_;
};

TEST_F(Databases, AFolderBeginsWithNone) { EXPECT_TRUE(Check().ok()); }

TEST_F(Databases, AFirstStartThatWasBrokenOffGoesOn) {
  ASSERT_TRUE(Check().ok());
  Make("org");
  EXPECT_TRUE(Check().ok());
}

TEST_F(Databases, OneThatIsGoneIsNotMadeAnew) {
  Make("org");
  Make("leads");
  ASSERT_TRUE(NoteDatabases(folder_.path(), kServices).ok());
  EXPECT_TRUE(Check().ok());
  Lose("leads");
  const Status status = Check();
  EXPECT_EQ(Reason(status), "DATABASE_MISSING");
  EXPECT_NE(std::string(status.message()).find("leads.db"), std::string::npos);
  EXPECT_EQ(std::string(status.message()).find("org.db"), std::string::npos);
  // An empty file holds nothing either.
  std::ofstream(folder_.path() + "/leads.db").flush();
  EXPECT_EQ(Reason(Check()), "DATABASE_MISSING");
}

TEST_F(Databases, ANewServiceMayBegin) {
  Make("org");
  Make("leads");
  ASSERT_TRUE(NoteDatabases(folder_.path(), kServices).ok());
  EXPECT_TRUE(Check({"org", "leads", "alerts"}).ok());
}

TEST_F(Databases, AFolderOfAnOlderVersionHadThemAll) {
  Make("org");
  EXPECT_EQ(Reason(Check()), "DATABASE_MISSING");
  Make("leads");
  EXPECT_TRUE(Check().ok());
}

}  // namespace
}  // namespace spm
