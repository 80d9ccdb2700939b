using Microsoft.Data.Sqlite;

namespace MlTr.Grains.Storage;

/// <summary>SQLite's errors in words.</summary>
internal static class SqliteErrors
{
    /// <summary>Storage errors become a <see cref="StoreUnavailableException"/>; stale versions, broken constraints (a bug of the caller) and the like stay what they are.</summary>
    public static Exception Translate(Exception error, string databasePath) => Find(error) is { } sqlite && sqlite.SqliteErrorCode != SQLitePCL.raw.SQLITE_CONSTRAINT
        ? new StoreUnavailableException($"{databasePath} {Describe(sqlite)}", error)
        : error;

    /// <summary>The cause and what to do, to follow the file's name.</summary>
    public static string Describe(SqliteException error) => error.SqliteErrorCode switch
    {
        SQLitePCL.raw.SQLITE_FULL => "cannot grow: the disk is full. Free some space; nothing needs a restart.",
        SQLitePCL.raw.SQLITE_READONLY or SQLitePCL.raw.SQLITE_PERM => "is read-only: give the user that runs MlTr write permission on the file and its folder.",
        SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED => "is locked by another program: close it (an open sqlite3 shell or a copy tool, for example).",
        SQLitePCL.raw.SQLITE_CANTOPEN => "cannot be opened: check that its folder exists and may be written by the user that runs MlTr.",
        SQLitePCL.raw.SQLITE_CORRUPT => "is damaged: stop MlTr and put a backup in its place.",
        SQLitePCL.raw.SQLITE_NOTADB => "is not an MlTr database: point Store:DatabasePath at another file, or move this one away.",
        SQLitePCL.raw.SQLITE_IOERR => $"cannot be read or written (SQLite error {error.SqliteExtendedErrorCode}): check the disk and its mount.",
        _ => $"reports SQLite error {error.SqliteExtendedErrorCode}: {OneLine(error.Message)}",
    };

    public static SqliteException? Find(Exception? error) => error switch
    {
        null => null,
        SqliteException sqlite => sqlite,
        _ => Find(error.InnerException),
    };

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
