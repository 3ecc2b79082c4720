// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/source.h"

#include <cinttypes>
#include <cstdio>

namespace spdl::ffmpeg {

std::string Source::address() const {
  if (const auto *path = std::get_if<Path>(&where)) return path->path.empty() ? "''" : path->path;
  if (const auto *url = std::get_if<Url>(&where)) return url->url;
  if (std::holds_alternative<FeedPtr>(where)) return name.empty() ? "<Fed source>" : name;
  char text[32];
  std::snprintf(text, sizeof text, "<Bytes: 0x%" PRIxPTR ">",
                reinterpret_cast<uintptr_t>(std::get<Bytes>(where)->data()));
  return text;
}

Source::Source(decltype(where) where, std::string name)
    : where(std::move(where)), name(std::move(name)) {
  if (this->name.empty()) this->name = address();
}

void Source::release() const {
  if (const auto *feed = std::get_if<FeedPtr>(&where)) (*feed)->abandon();
}

}  // namespace spdl::ffmpeg
