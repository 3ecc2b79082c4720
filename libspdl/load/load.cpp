// SPDX-License-Identifier: BSD-2-Clause
#include "load/load.h"

#include "base/trace.h"
#include "ffmpeg/convert.h"

namespace spdl::load {

Result<buffer::BufferPtr> load(const ffmpeg::SourcePtr &source, const LoadOptions &options,
                               const Limits &limits) {
  const trace::Stage stage("load", source->name);
  SPDL_TRY_ASSIGN(auto item, load_item(source, options.window, options.item, limits));
  SPDL_TRY(limits.check(Origin::convert, source->name));
  SPDL_TRY(limits.check_bytes(Origin::convert, item->form.layout.size(), source->name));
  SPDL_TRY_ASSIGN(auto storage, buffer::Storage::make(options.out, item->form.layout));
  auto made = std::make_shared<buffer::Buffer>(
      ffmpeg::make_buffer(std::move(storage), item->form, std::nullopt));
  SPDL_TRY(item->write(made->storage.data(), limits));
  made->pts = std::move(item->about.pts);
  made->num_corrupt = item->about.num_corrupt;
  made->backend = item->about.backend;
  return made;
}

}  // namespace spdl::load
