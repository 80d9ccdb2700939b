using Npgsql;

namespace MlTr.Grains.Storage;

/// <summary>PostgreSQL's errors in words.</summary>
internal static class PostgresErrors
{
    /// <summary>Errors of the server and of the way to it become a <see cref="StoreUnavailableException"/>; broken constraints stay what they are.</summary>
    /// <param name="error">What was thrown.</param>
    /// <param name="database">The database for people.</param>
    public static Exception Translate(Exception error, string database) =>
        error is StoreUnavailableException || Find(error) is not { } found || found.SqlState?.StartsWith("23", StringComparison.Ordinal) == true
            ? error
            : new StoreUnavailableException($"{database} {Describe(found)}", error);

    /// <summary>The cause and what to do, to follow the database's name.</summary>
    public static string Describe(NpgsqlException error) => error.SqlState switch
    {
        null => $"cannot be reached ({OneLine(error.InnerException?.Message ?? error.Message)}): check that the server runs and that Platform:Store names it.",
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification => "refuses this user: correct Username and Password in Platform:Store.",
        PostgresErrorCodes.InvalidCatalogName => "does not exist: create it (CREATE DATABASE), or name another in Platform:Store.",
        PostgresErrorCodes.InsufficientPrivilege => $"does not let this user do that ({OneLine(error.Message)}): make the user the owner of the database.",
        PostgresErrorCodes.DiskFull => "cannot grow: the disk is full. Free some space; nothing needs a restart.",
        PostgresErrorCodes.TooManyConnections => "has no connection left: raise max_connections of the server.",
        PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.LockNotAvailable =>
            "was busy with another process's change of the same rows; the same call may work now.",
        _ => $"reports error {error.SqlState}: {OneLine(error.Message)}",
    };

    public static bool IsDuplicateKey(Exception error) => Find(error)?.SqlState == PostgresErrorCodes.UniqueViolation;

    public static NpgsqlException? Find(Exception? error) => error switch
    {
        null => null,
        NpgsqlException found => found,
        _ => Find(error.InnerException),
    };

    private static string OneLine(string text) => text.ReplaceLineEndings(" ");
}
