// SPDX-License-Identifier: BSD-2-Clause
#include "buffer/buffer.h"

namespace spdl::buffer {

Storage Storage::allocate(size_t size) {
  auto owned = allocate_aligned(size);
  auto *data = owned.get();
  return {std::shared_ptr<const void>(std::move(owned)), data};
}

Result<Storage> Storage::make(std::shared_ptr<const Memory> memory, const Layout &layout) {
  const auto size = static_cast<size_t>(layout.size());
  if (!memory) return allocate(size);
  if (memory->is_set_aside()) return lease(std::move(memory), size);
  return borrow(std::move(memory), layout);
}

Result<Storage> Storage::borrow(std::shared_ptr<const Memory> memory, const Layout &layout) {
  if (!memory->writable())
    return Error{Status::invalid, Origin::buffer, "The memory of `out` is not writable."};
  const auto &form = memory->form();
  if (form && (form->shape != layout.shape || form->typestr != layout.type.typestr))
    return Error{Status::mismatch, Origin::buffer,
                 "`out` is an array of shape " + form->shape.to_string() + " of " + form->typestr +
                     ", but the result is " + layout.to_string() + "."};
  if (memory->size() != static_cast<size_t>(layout.size()))
    return Error{Status::mismatch, Origin::buffer,
                 "The memory of `out` has " + std::to_string(memory->size()) +
                     " bytes, but the result, " + layout.to_string() + ", has " +
                     std::to_string(layout.size()) + "."};
  auto *data = memory->data();
  return Storage(std::move(memory), data);
}

Storage Storage::view(std::shared_ptr<const Memory> memory, size_t offset) {
  auto *data = memory->data() + offset;
  return {std::move(memory), data};
}

Result<Storage> Storage::lease(std::shared_ptr<const Memory> memory, size_t size) {
  if (memory->size() < size)
    return Error{Status::mismatch, Origin::buffer,
                 "The storage has " + std::to_string(memory->size()) +
                     " bytes, but the result has " + std::to_string(size) + "."};
  if (!memory->take())
    return Error{Status::busy, Origin::buffer,
                 "A buffer that is alive lies in this storage; let go of it first, or use another "
                 "storage."};
  auto *data = memory->data();
  const auto give_back = [memory](const void *) { memory->give_back(); };
  return Storage(std::shared_ptr<const void>(data, give_back), data);
}

}  // namespace spdl::buffer
