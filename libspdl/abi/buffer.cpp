// SPDX-License-Identifier: BSD-2-Clause
#include "spdl/buffer.h"

#include "abi/boundary.h"
#include "abi/handle.h"

using namespace spdl;
using namespace spdl::abi;

spdl_status spdl_buffer_get_info(const spdl_buffer *buffer, spdl_buffer_info *out_info,
                                 spdl_error *err) noexcept {
  return guard(err, [&]() -> Result<void> {
    SPDL_TRY(require(buffer));
    const buffer::Buffer &value = *buffer->value;
    spdl_buffer_info info{};
    info.media = value.media;
    info.data = value.storage.data();
    info.size = static_cast<size_t>(value.layout.size());
    info.typestr = value.layout.type.typestr;
    info.format = value.format;
    info.backend = value.backend;
    info.item_size = value.layout.type.size;
    info.num_dims = static_cast<uint32_t>(value.layout.shape.num_dims());
    for (size_t i = 0; i < value.layout.shape.num_dims(); ++i)
      info.shape[i] = value.layout.shape[i];
    info.sample_rate = value.sample_rate;
    info.num_corrupt = value.num_corrupt;
    info.num_pts = static_cast<uint32_t>(value.pts.size());
    info.flags = value.writable ? 0 : SPDL_BUFFER_READONLY;
    info.pts = value.pts.data();
    return write_struct(out_info, info);
  });
}

void spdl_buffer_free(spdl_buffer *buffer) noexcept { delete buffer; }
