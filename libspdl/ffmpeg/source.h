// SPDX-License-Identifier: BSD-2-Clause
// Where encoded bytes come from. A value; making one does no I/O.
#pragma once

#include <memory>
#include <string>
#include <variant>

#include "buffer/memory.h"
#include "ffmpeg/feed.h"

namespace spdl::ffmpeg {

struct Path {
  std::string path;
};

struct Url {
  std::string url;
};

using Bytes = std::shared_ptr<const buffer::Memory>;
using FeedPtr = std::shared_ptr<Feed>;

struct Source {
  std::variant<Path, Url, Bytes, FeedPtr> where;
  std::string name;  // what messages call it

  // With an empty name it gets one of its own.
  Source(decltype(where) where, std::string name);

  // "Failed to open the input: NAME (reason)" says where it is, whatever it is called. What is fed
  // is nowhere.
  std::string address() const;
  // An operation on it is over, whether it read or not: whoever feeds it is told.
  void release() const;
};

using SourcePtr = std::shared_ptr<const Source>;

}  // namespace spdl::ffmpeg
