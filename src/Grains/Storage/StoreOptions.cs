using Microsoft.Extensions.Options;

namespace MlTr.Grains.Storage;

/// <summary>Where the store lies. Section <see cref="Section"/> of the configuration.</summary>
public sealed class StoreOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Store";

    /// <summary>The SQLite file; relative to the working directory. Its folder is created if need be.</summary>
    public string DatabasePath { get; set; } = "data/mltr.db";

    /// <summary>A PostgreSQL database instead of the file; empty for the file.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>How long a write waits while another program (such as a sqlite3 shell) holds the database, before it fails.</summary>
    public TimeSpan BusyTimeout { get; set; } = TimeSpan.FromSeconds(5);
}

/// <summary>Stops the host before anything runs, naming the key.</summary>
internal sealed class StoreOptionsValidator : IValidateOptions<StoreOptions>
{
    public ValidateOptionsResult Validate(string? name, StoreOptions options)
    {
        if (options.ConnectionString.Length > 0)
        {
            return PostgresConnections.Check(options.ConnectionString) is { } wrong ? ValidateOptionsResult.Fail(wrong) : ValidateOptionsResult.Success;
        }

        var errors = new List<string>();
        if (string.IsNullOrWhiteSpace(options.DatabasePath) || options.DatabasePath.Contains('\0', StringComparison.Ordinal))
        {
            errors.Add("Store:DatabasePath is empty: name the SQLite file, such as data/mltr.db.");
        }
        else if (Path.EndsInDirectorySeparator(options.DatabasePath) || Directory.Exists(options.DatabasePath))
        {
            errors.Add($"Store:DatabasePath '{options.DatabasePath}' is a folder: name a file in it, such as {Path.Combine(options.DatabasePath, "mltr.db")}.");
        }

        if (options.BusyTimeout < TimeSpan.FromMilliseconds(100) || options.BusyTimeout > TimeSpan.FromMinutes(1))
        {
            errors.Add($"Store:BusyTimeout is {options.BusyTimeout}: give a time between 00:00:00.1 and 00:01:00.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
