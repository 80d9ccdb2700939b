using Microsoft.Data.Sqlite;

namespace MlTr.EndToEnd.Tests;

/// <summary>Reads a platform's database from outside.</summary>
internal static class Database
{
    /// <summary>The rows of a query, their columns parted by bars.</summary>
    public static List<string> Rows(string dataFolder, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={Path.Combine(dataFolder, "mltr.db")};Mode=ReadOnly;Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // the tests' own words
        command.CommandText = sql;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(string.Join('|', Enumerable.Range(0, reader.FieldCount).Select(reader.GetValue)));
        }

        return rows;
    }

    /// <summary>Waits until a query has rows.</summary>
    public static async Task<List<string>> UntilRowsAsync(string dataFolder, string sql)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        while (true)
        {
            if (Rows(dataFolder, sql) is { Count: > 0 } rows)
            {
                return rows;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), limit.Token);
        }
    }
}
