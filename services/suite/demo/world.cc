#include "services/suite/demo/world.h"

#include <fmt/format.h>

#include <set>

namespace spm::suite {
namespace {

using Words = std::vector<std::string>;

constexpr int kTeamsOfRegion = 2;
constexpr int kRepsOfTeam = 4;
constexpr int kCustomers = 120;

const Words& Places(bool chinese) {
  static const Words kZh = {"东岭", "南屏", "北川", "云溪", "青浦", "金沙", "海宁",
                            "长风", "明湖", "瑞安", "星河", "远山", "松江", "白石",
                            "天目", "临江", "凤鸣", "石桥", "碧波", "高原"};
  static const Words kEn = {"Alder", "Birch",  "Cedar",   "Dover",   "Elm",    "Fern",  "Grove",
                            "Hazel", "Ivy",    "Jasmine", "Kestrel", "Larch",  "Maple", "North",
                            "Oak",   "Poplar", "Quarry",  "Rowan",   "Summit", "Tern"};
  return chinese ? kZh : kEn;
}

const Words& Trades(bool chinese) {
  static const Words kZh = {"机械", "医疗器械", "食品", "电子", "物流",
                            "建材", "纺织",     "能源", "化工", "软件"};
  static const Words kEn = {"Machines", "Medical",  "Foods",  "Electronics", "Logistics",
                            "Building", "Textiles", "Energy", "Chemicals",   "Software"};
  return chinese ? kZh : kEn;
}

const Words& Surnames(bool chinese) {
  static const Words kZh = {"陈", "林", "黄", "张", "李", "王", "吴", "刘", "蔡", "杨", "许", "郑",
                            "谢", "郭", "洪", "曾", "邱", "廖", "赖", "周", "徐", "苏", "叶", "庄"};
  static const Words kEn = {"Adler",  "Bishop", "Crane",   "Drake",  "Emery", "Frost",
                            "Gale",   "Hale",   "Ingram",  "Jessup", "Kerr",  "Lane",
                            "Moss",   "Nash",   "Orchard", "Pike",   "Rand",  "Shaw",
                            "Thorne", "Usher",  "Vale",    "Wade",   "Yates", "Zeller"};
  return chinese ? kZh : kEn;
}

const Words& GivenNames(bool chinese) {
  static const Words kZh = {"雅婷", "家豪", "淑芬", "志明", "怡君", "俊杰", "美玲",
                            "建宏", "佩珊", "文雄", "思颖", "国强", "晓雯", "伟伦",
                            "静宜", "振华", "丽娟", "子轩", "慧敏", "承恩"};
  static const Words kEn = {"Ada",  "Ben",   "Clara", "David", "Emma",  "Felix", "Grace",
                            "Hugo", "Iris",  "Jonas", "Kate",  "Leo",   "Mia",   "Noah",
                            "Olga", "Peter", "Rosa",  "Simon", "Tessa", "Victor"};
  return chinese ? kZh : kEn;
}

std::string Company(const DemoWorld& world, Dice* dice) {
  return world.chinese ? dice->Pick(Places(true)) + dice->Pick(Trades(true)) + "有限公司"
                       : dice->Pick(Places(false)) + " " + dice->Pick(Trades(false)) + " " +
                             dice->Pick(Words{"Ltd", "Group", "Works", "Co"});
}

void AddOrganisation(DemoWorld* world, Dice* dice) {
  const Words regions = world->chinese ? Words{"华北区", "华东区", "华南区"}
                                       : Words{"Northland", "Midland", "Southland"};
  const Words teams = world->chinese
                          ? Words{"北京一组", "天津组", "上海组", "杭州组", "广州组", "深圳组"}
                          : Words{"Harbour", "Lakeside", "Bridge", "Meadow", "Coast", "Valley"};
  const Words skills =
      world->chinese ? Words{"风机", "过滤器", "传感器"} : Words{"Fans", "Filters", "Sensors"};
  std::set<std::string> names;
  const auto name = [&] {
    std::string made;
    do {
      made = world->NewPersonName(dice);
    } while (!names.insert(made).second);
    return made;
  };
  world->people.push_back({"p-head", name(), "", "", "", true, true, 0, {}});
  for (size_t r = 0; r < regions.size(); ++r) {
    const std::string region = fmt::format("r-{}", r + 1);
    world->units.push_back({region, regions[r], ""});
    const std::string director = fmt::format("p-r{}", r + 1);
    world->people.push_back({director, name(), region, region, "p-head", true, false, 0, {}});
    for (size_t t = 0; t < kTeamsOfRegion; ++t) {
      const size_t n = r * kTeamsOfRegion + t;
      const std::string team = fmt::format("t-{}", n + 1);
      world->units.push_back({team, teams[n], region});
      const std::string manager = fmt::format("p-t{}", n + 1);
      world->people.push_back({manager, name(), team, region, director, true, false, 0, {}});
      for (int i = 0; i < kRepsOfTeam; ++i)
        world->people.push_back({fmt::format("p-{}{}", n + 1, static_cast<char>('a' + i)),
                                 name(),
                                 team,
                                 region,
                                 manager,
                                 false,
                                 false,
                                 dice->Between(30, 62),
                                 {dice->Pick(skills)}});
    }
  }
}

void AddProducts(DemoWorld* world, int scale) {
  const bool zh = world->chinese;
  const auto add = [&](const char* key, const char* en, const char* chinese, const char* line_en,
                       const char* line_zh, int64_t price) {
    world->products.push_back({key, zh ? chinese : en, zh ? line_zh : line_en, price * scale});
  };
  add("fan-s", "Fan compact", "小型风机", "Fans", "风机", 480);
  add("fan-m", "Fan standard", "标准风机", "Fans", "风机", 1450);
  add("fan-l", "Fan industrial", "工业风机", "Fans", "风机", 5200);
  add("filter-1", "Filter basic", "标准过滤器", "Filters", "过滤器", 120);
  add("filter-2", "Filter pro", "高效过滤器", "Filters", "过滤器", 640);
  add("sensor-1", "Sensor kit", "传感器套件", "Sensors", "传感器", 2900);
  add("sensor-2", "Sensor station", "监测站", "Sensors", "传感器", 9800);
  add("care", "Care contract", "保养合同", "Service", "服务", 1200);
}

void AddCustomers(DemoWorld* world, Dice* dice) {
  const bool zh = world->chinese;
  world->sectors =
      zh ? Words{"制造业", "医疗", "食品", "能源", "物流", "建筑"}
         : Words{"manufacturing", "medical", "food", "energy", "logistics", "building"};
  world->sources = zh ? Words{"展会", "线上", "合作伙伴", "转介绍"}
                      : Words{"show", "online", "partner", "referral"};
  world->loss_reasons = zh ? Words{"价格", "选择竞争对手", "预算取消", "时机不合适"}
                           : Words{"price", "a competitor", "budget cancelled", "timing"};
  world->notes = zh ? Words{"电话沟通需求", "介绍产品线", "约定下次拜访", "发送资料"}
                    : Words{"Talked about the need", "Showed the product line",
                            "Agreed on the next visit", "Sent material"};
  const Words countries =
      zh ? Words{"中国", "中国", "中国", "新加坡", "马来西亚"}
         : Words{"United States", "United States", "Canada", "Mexico", "United Kingdom"};
  const Words titles = zh ? Words{"采购经理", "厂长", "总工程师", "财务主管"}
                          : Words{"Buyer", "Plant manager", "Chief engineer", "Controller"};
  const auto reps = world->Reps();
  std::set<std::string> names;
  for (int i = 0; i < kCustomers; ++i) {
    DemoCustomer customer;
    customer.key = fmt::format("c-{:03}", i + 1);
    do {
      customer.name = Company(*world, dice);
    } while (!names.insert(customer.name).second);
    customer.owner = dice->Pick(reps)->key;
    customer.sector = dice->Pick(world->sectors);
    customer.country = dice->Pick(countries);
    customer.source = dice->Pick(world->sources);
    customer.contact = world->NewPersonName(dice);
    customer.title = dice->Pick(titles);
    world->customers.push_back(std::move(customer));
  }
}

}  // namespace

uint64_t Dice::Next() {
  // splitmix64
  uint64_t z = (state_ += 0x9E3779B97F4A7C15ULL);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

std::vector<const DemoPerson*> DemoWorld::Reps() const {
  std::vector<const DemoPerson*> reps;
  for (const auto& person : people)
    if (person.skill > 0) reps.push_back(&person);
  return reps;
}

std::string DemoWorld::NewPersonName(Dice* dice) const {
  return chinese ? dice->Pick(Surnames(true)) + dice->Pick(GivenNames(true))
                 : dice->Pick(GivenNames(false)) + " " + dice->Pick(Surnames(false));
}

std::string DemoWorld::NewCompanyName(Dice* dice) const {
  while (true) {
    std::string name = Company(*this, dice);
    bool known = false;
    for (const auto& customer : customers) known = known || customer.name == name;
    if (!known) return name;
  }
}

DemoWorld MakeWorld(uint64_t seed, const std::string& language, int price_scale) {
  DemoWorld world;
  world.chinese = language == "zh";
  Dice dice(seed);
  AddOrganisation(&world, &dice);
  AddProducts(&world, price_scale);
  AddCustomers(&world, &dice);
  return world;
}

}  // namespace spm::suite
