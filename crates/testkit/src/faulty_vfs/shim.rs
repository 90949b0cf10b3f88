//! The shim between SQLite and the system's own file layer.
//!
//! A file layer is a table of C functions, so this module alone speaks C. SQLite allocates one
//! block per file, of the size that the layer asks for: a [`ShimFile`] and behind it the file of
//! the system's layer.
//!
//! - `pAppData` of the layer points to a leaked [`Layer`], so it is valid for ever.
//! - `base` comes first in `ShimFile`, so a pointer to one is a pointer to the other.
//! - A `ShimFile` whose `pMethods` is set was opened: its `tracked` and the file behind it are
//!   valid until `xClose`, and SQLite uses a file from one thread at a time.
#![expect(unsafe_code, reason = "SQLite takes a file layer as C functions and raw pointers")]

use std::ffi::{CStr, CString, OsStr, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::ptr;
use std::sync::Arc;

use rusqlite::ffi::{self, sqlite3_file, sqlite3_io_methods, sqlite3_vfs};

use super::{Fault, FaultyVfs, Operation};

/// The system's layer and the hand on ours.
struct Layer {
    real: *mut sqlite3_vfs,
    hand: Arc<FaultyVfs>,
}

#[repr(C)]
struct ShimFile {
    base: sqlite3_file,
    tracked: *mut Tracked,
}

/// What an open file is to the model.
struct Tracked {
    hand: Arc<FaultyVfs>,
    /// None for a temporary file, which nobody expects to survive.
    path: Option<PathBuf>,
}

/// Makes the layer known to SQLite.
///
/// # Panics
/// Where SQLite has no layer to build upon or does not take this one.
#[expect(clippy::expect_used, reason = "a test that cannot set up its faults must stop")]
pub(super) fn register(name: &'static str, hand: Arc<FaultyVfs>) {
    let name = CString::new(name).expect("a name has no NUL").into_raw();
    // SAFETY: SQLite's default layer lives for ever, and what is registered is leaked. The other
    // functions of the default layer do not look at the layer that they are called through.
    let registered = unsafe {
        assert_eq!(ffi::sqlite3_initialize(), ffi::SQLITE_OK);
        let real = ffi::sqlite3_vfs_find(ptr::null());
        let mut vfs = *real.as_ref().expect("SQLite has a file layer");
        let own_bytes = c_int::try_from(size_of::<ShimFile>()).expect("a small struct");
        vfs.szOsFile += own_bytes;
        vfs.zName = name;
        vfs.pNext = ptr::null_mut();
        vfs.pAppData = Box::into_raw(Box::new(Layer { real, hand })).cast();
        vfs.xOpen = Some(open);
        vfs.xDelete = Some(delete);
        ffi::sqlite3_vfs_register(Box::into_raw(Box::new(vfs)), 0)
    };
    assert_eq!(registered, ffi::SQLITE_OK, "SQLite takes the file layer");
}

/// Version 2: with shared memory, without memory mapping, which would go past the shim.
static METHODS: sqlite3_io_methods = sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_reserved_lock),
    xFileControl: Some(file_control),
    xSectorSize: Some(sector_size),
    xDeviceCharacteristics: Some(device_characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// Calls a method of the file behind the shim's.
macro_rules! real {
    ($file:expr, $method:ident $(, $argument:expr)*) => {{
        let real = behind($file);
        match (*(*real).pMethods).$method {
            Some(method) => method(real $(, $argument)*),
            None => ffi::SQLITE_IOERR,
        }
    }};
}

unsafe fn layer<'a>(vfs: *mut sqlite3_vfs) -> &'a Layer {
    // SAFETY: see the module's text.
    unsafe { &*(*vfs).pAppData.cast::<Layer>() }
}

unsafe fn behind(file: *mut sqlite3_file) -> *mut sqlite3_file {
    // SAFETY: the block that SQLite allocated goes on behind the shim's file.
    unsafe { file.cast::<ShimFile>().add(1).cast() }
}

unsafe fn tracked<'a>(file: *mut sqlite3_file) -> &'a Tracked {
    // SAFETY: see the module's text.
    unsafe { &*(*file.cast::<ShimFile>()).tracked }
}

unsafe fn path_of(name: *const c_char) -> PathBuf {
    // SAFETY: SQLite's names end with NUL.
    let bytes = unsafe { CStr::from_ptr(name) }.to_bytes();
    Path::new(OsStr::from_bytes(bytes)).to_owned()
}

fn as_usize(number: impl TryInto<usize>) -> usize {
    number.try_into().unwrap_or(0)
}

unsafe extern "C" fn open(
    vfs: *mut sqlite3_vfs,
    name: *const c_char,
    file: *mut sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: see the module's text; `file` is a block of `szOsFile` bytes.
    unsafe {
        (*file).pMethods = ptr::null();
        let layer = layer(vfs);
        if layer.hand.strike(Operation::Open).is_some() {
            return ffi::SQLITE_CANTOPEN;
        }
        let path = (!name.is_null()).then(|| path_of(name));
        if let Some(path) = &path {
            layer.hand.record(|disk| disk.open(path, || fs_err::read(path).ok()));
        }
        let Some(real_open) = (*layer.real).xOpen else { return ffi::SQLITE_CANTOPEN };
        let code = real_open(layer.real, name, behind(file), flags, out_flags);
        if code == ffi::SQLITE_OK {
            let tracked = Tracked { hand: Arc::clone(&layer.hand), path };
            (*file.cast::<ShimFile>()).tracked = Box::into_raw(Box::new(tracked));
            (*file).pMethods = &raw const METHODS;
        }
        code
    }
}

unsafe extern "C" fn delete(vfs: *mut sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    // SAFETY: see the module's text.
    unsafe {
        let layer = layer(vfs);
        if layer.hand.strike(Operation::Delete).is_some() {
            return ffi::SQLITE_IOERR_DELETE;
        }
        let Some(real_delete) = (*layer.real).xDelete else { return ffi::SQLITE_IOERR_DELETE };
        let code = real_delete(layer.real, name, sync);
        if code == ffi::SQLITE_OK {
            let path = path_of(name);
            layer.hand.record(|disk| disk.delete(&path, sync != 0));
        }
        code
    }
}

unsafe extern "C" fn close(file: *mut sqlite3_file) -> c_int {
    // SAFETY: see the module's text; SQLite does not use the file after this.
    unsafe {
        let code = real!(file, xClose);
        drop(Box::from_raw((*file.cast::<ShimFile>()).tracked));
        (*file).pMethods = ptr::null();
        code
    }
}

unsafe extern "C" fn read(
    file: *mut sqlite3_file,
    buffer: *mut c_void,
    length: c_int,
    offset: i64,
) -> c_int {
    // SAFETY: see the module's text.
    unsafe {
        match tracked(file).hand.strike(Operation::Read) {
            Some(_) => ffi::SQLITE_IOERR_READ,
            None => real!(file, xRead, buffer, length, offset),
        }
    }
}

unsafe extern "C" fn write(
    file: *mut sqlite3_file,
    buffer: *const c_void,
    length: c_int,
    offset: i64,
) -> c_int {
    // SAFETY: see the module's text; `buffer` holds `length` bytes.
    unsafe {
        let Tracked { hand, path } = tracked(file);
        let (length, failure) = match hand.strike(Operation::Write) {
            None => (length, None),
            Some(Fault::ShortWrite) => (length / 2, Some(ffi::SQLITE_IOERR_WRITE)),
            Some(Fault::Full) => return ffi::SQLITE_FULL,
            Some(Fault::Io | Fault::Sync) => return ffi::SQLITE_IOERR_WRITE,
        };
        let code = real!(file, xWrite, buffer, length, offset);
        if code == ffi::SQLITE_OK
            && let Some(path) = path
        {
            let bytes = std::slice::from_raw_parts(buffer.cast::<u8>(), as_usize(length));
            hand.record(|disk| disk.write(path, as_usize(offset), bytes));
        }
        failure.unwrap_or(code)
    }
}

unsafe extern "C" fn truncate(file: *mut sqlite3_file, length: i64) -> c_int {
    // SAFETY: see the module's text.
    unsafe {
        let Tracked { hand, path } = tracked(file);
        if hand.strike(Operation::Truncate).is_some() {
            return ffi::SQLITE_IOERR_TRUNCATE;
        }
        let code = real!(file, xTruncate, length);
        if code == ffi::SQLITE_OK
            && let Some(path) = path
        {
            hand.record(|disk| disk.truncate(path, as_usize(length)));
        }
        code
    }
}

/// Syncs the model alone: the tests never cut the power of the real disk.
unsafe extern "C" fn sync(file: *mut sqlite3_file, _flags: c_int) -> c_int {
    // SAFETY: see the module's text.
    let Tracked { hand, path } = unsafe { tracked(file) };
    let is_failing = hand.strike(Operation::Sync).is_some();
    if let Some(path) = path {
        hand.record(|disk| if is_failing { disk.fail_sync(path) } else { disk.sync(path) });
    }
    if is_failing { ffi::SQLITE_IOERR_FSYNC } else { ffi::SQLITE_OK }
}

/// Methods that pass through as they are.
macro_rules! pass_through {
    ($($name:ident => $method:ident($($argument:ident: $type:ty),*);)*) => {$(
        unsafe extern "C" fn $name(file: *mut sqlite3_file $(, $argument: $type)*) -> c_int {
            // SAFETY: see the module's text.
            unsafe { real!(file, $method $(, $argument)*) }
        }
    )*};
}

pass_through! {
    file_size => xFileSize(size: *mut i64);
    lock => xLock(level: c_int);
    unlock => xUnlock(level: c_int);
    check_reserved_lock => xCheckReservedLock(result: *mut c_int);
    sector_size => xSectorSize();
    device_characteristics => xDeviceCharacteristics();
    shm_map => xShmMap(page: c_int, size: c_int, extend: c_int, out: *mut *mut c_void);
    shm_lock => xShmLock(offset: c_int, count: c_int, flags: c_int);
    shm_unmap => xShmUnmap(delete: c_int);
}

/// Hides the size hint, on which the system's layer would grow the file behind the model's back.
unsafe extern "C" fn file_control(
    file: *mut sqlite3_file,
    operation: c_int,
    argument: *mut c_void,
) -> c_int {
    if operation == ffi::SQLITE_FCNTL_SIZE_HINT {
        return ffi::SQLITE_OK;
    }
    // SAFETY: see the module's text.
    unsafe { real!(file, xFileControl, operation, argument) }
}

unsafe extern "C" fn shm_barrier(file: *mut sqlite3_file) {
    // SAFETY: see the module's text.
    unsafe {
        let real = behind(file);
        if let Some(barrier) = (*(*real).pMethods).xShmBarrier {
            barrier(real);
        }
    }
}
