#include "harness/model/wire_format.h"

namespace axiometer {

std::string UrlWithPath(const std::string& base_url, std::string_view path) {
  const size_t query = base_url.find('?');
  std::string url = base_url.substr(0, query);
  while (url.ends_with('/')) url.pop_back();
  url += path;
  if (query != std::string::npos) url += base_url.substr(query);
  return url;
}

}  // namespace axiometer
