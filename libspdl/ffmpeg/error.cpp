// SPDX-License-Identifier: BSD-2-Clause
#include "ffmpeg/error.h"

namespace spdl::ffmpeg {

std::string describe(int code) {
  char text[AV_ERROR_MAX_STRING_SIZE];
  av_strerror(code, text, sizeof text);
  return text;
}

Error failure(Status status, Origin origin, const std::string &what, int code,
              const Limits &limits) {
  // Damaged files ask for absurd sizes, so this is worth a message that names the source.
  if (code == AVERROR(ENOMEM)) status = Status::memory;
  if (auto stop = limits.check(origin, what); !stop)
    return std::move(stop).error().with_native(code);
  return Error{status, origin, what + " (" + describe(code) + ")"}.with_native(code);
}

void set_all(Options &to, const OptionList &from) {
  for (const auto &[name, value] : from) to.set(name.c_str(), value.c_str());
}

Result<void> check_unused(Origin origin, const Options &options, const std::string &taker,
                          const std::string &source) {
  std::string names;
  const AVDictionaryEntry *entry = nullptr;
  while ((entry = av_dict_get(options.get(), "", entry, AV_DICT_IGNORE_SUFFIX)))
    names += (names.empty() ? "" : ", ") + std::string(entry->key);
  if (names.empty()) return {};
  return Error{Status::option, origin,
               "Unexpected options: " + names + " for the " + taker + " of " + source};
}

}  // namespace spdl::ffmpeg
