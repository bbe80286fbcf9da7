import Foundation
import GRDB

/// Translates what SQLite said (https://www.sqlite.org/rescode.html). `path` is the database file: it tells a full disk
/// from other I/O errors, as SQLite reports both alike where it was not a write that failed.
func sqliteFailure(_ error: any Error, path: String) -> DatabaseError {
    if let error = error as? DatabaseError { return error }
    guard let error = error as? GRDB.DatabaseError else { return .failed(String(describing: error)) }
    let message = error.message ?? "no message"
    switch error.extendedResultCode {
    case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY, .SQLITE_CONSTRAINT_ROWID:
        return .uniqueViolation(constraint(in: message))
    case .SQLITE_CONSTRAINT_FOREIGNKEY:
        return .foreignKeyViolation(constraint(in: message))
    default: break
    }
    switch error.resultCode {
    case .SQLITE_CONSTRAINT: return .constraintViolation(constraint(in: message))
    case .SQLITE_FULL: return .diskFull
    case .SQLITE_IOERR, .SQLITE_CANTOPEN: return isDiskFull(path) ? .diskFull : .failed(message)
    case .SQLITE_BUSY, .SQLITE_LOCKED: return .unavailable("another process holds the database: \(message)")
    case .SQLITE_MISUSE where message == "Connection is closed": return .unavailable("the database is closed")
    default: return .failed(message)
    }
}

/// `UNIQUE constraint failed: media.sha256` → `media.sha256`. No message holds a row's values.
private func constraint(in message: String) -> String {
    guard let colon = message.range(of: "constraint failed: ") else { return message }
    return String(message[colon.upperBound...])
}

private func isDiskFull(_ path: String) -> Bool {
    var status = statvfs()
    let folder = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
    guard statvfs(folder, &status) == 0 else { return false }
    // Inodes count only where the file system counts them.
    return status.f_bavail == 0 || (status.f_files > 0 && status.f_ffree == 0)
}
