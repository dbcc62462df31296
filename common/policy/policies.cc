#include "common/policy/policies.h"

#include "common/db/db.h"
#include "google/protobuf/any.pb.h"
#include "google/protobuf/descriptor.h"

namespace spm {
namespace {

std::shared_ptr<const google::protobuf::Message> Unpack(const std::string& bytes) {
  google::protobuf::Any any;
  if (!any.ParseFromString(bytes)) return nullptr;
  std::string name = any.type_url().substr(any.type_url().rfind('/') + 1);
  const auto* descriptor =
      google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(name);
  if (descriptor == nullptr) return nullptr;
  std::shared_ptr<google::protobuf::Message> body(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(descriptor)->New());
  if (!body->ParseFromString(any.value())) return nullptr;
  return body;
}

}  // namespace

const PolicyVersion* PolicyBook::At(const std::string& kind, int64_t at_us) const {
  auto found = kinds_.find(kind);
  if (found == kinds_.end()) return nullptr;
  for (auto v = found->second.rbegin(); v != found->second.rend(); ++v)
    if (v->version == 1 || v->effective_us <= at_us) return &*v;
  return nullptr;
}

const PolicyVersion* PolicyBook::Newest(const std::string& kind) const {
  auto found = kinds_.find(kind);
  return found == kinds_.end() ? nullptr : &found->second.back();
}

std::vector<PolicyVersion> PolicyBook::List(const std::string& kind) const {
  std::vector<PolicyVersion> all;
  for (const auto& [name, versions] : kinds_)
    if (kind.empty() || kind == name) all.insert(all.end(), versions.begin(), versions.end());
  return all;
}

std::vector<std::string> PolicyBook::Kinds(const std::string& prefix) const {
  std::vector<std::string> kinds;
  for (auto at = kinds_.lower_bound(prefix); at != kinds_.end() && at->first.starts_with(prefix);
       ++at)
    kinds.push_back(at->first);
  return kinds;
}

void PolicyBook::Add(PolicyVersion version) { kinds_[version.kind].push_back(std::move(version)); }

StatusOr<std::shared_ptr<const PolicyBook>> PolicyBook::Load(Reader& reader) {
  ASSIGN_OR_RETURN(
      Rows rows,
      reader.Query("SELECT kind, version, effective_us, body, author, reason FROM policy "
                   "ORDER BY kind, version"));
  auto book = std::make_shared<PolicyBook>();
  for (const Row& row : rows) {
    auto body = Unpack(row.Text(3));
    if (body == nullptr)
      return Internal("policy " + row.Text(0) + "@" + std::to_string(row.Int(1)) +
                      " cannot be decoded");
    book->Add({row.Text(0), row.Int(1), row.Int(2), std::move(body), row.Text(4), row.Text(5)});
  }
  return std::shared_ptr<const PolicyBook>(std::move(book));
}

}  // namespace spm
