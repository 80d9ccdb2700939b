using System.Diagnostics;
using System.Globalization;

namespace MlTr.Testing;

/// <summary>
/// A PostgreSQL server of the tests' own: a folder, a loopback port and databases for the asking. It needs the server's programs
/// (Debian: <c>apt-get install postgresql</c>), whose folder MLTR_POSTGRES may name. It ends with this process, however that ends.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string User = "mltr";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mltr-postgres-");
    private readonly string _command;
    private ServerProcess _server;
    private int _databases;

    private PostgresServer()
    {
        Port = FreePort.Next();
        var data = Path.Combine(_folder.FullName, "data");
        // The server refuses to run as root.
        var asUser = Environment.UserName == "root" ? "setpriv --reuid=postgres --regid=postgres --clear-groups " : "";
        if (asUser.Length > 0)
        {
            Run("chown", "postgres", _folder.FullName);
        }

        Run("sh", "-c", $"cd / && {asUser}{Program("initdb")} -D {data} -U {User} -A trust -E UTF8 --locale=C --no-sync");
        var options = $"-D {data} -h 127.0.0.1 -p {Port.ToString(CultureInfo.InvariantCulture)} -k {_folder.FullName} -c fsync=off -c max_connections=200";
        _command = $"{asUser}{Program("postgres")} {options}";
        _server = new ServerProcess(_command);
    }

    /// <summary>Where it listens on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>Starts one and waits until it answers.</summary>
    public static async Task<PostgresServer> StartAsync()
    {
        var server = new PostgresServer();
        await server.UntilReadyAsync();
        return server;
    }

    /// <summary>Ends every connection in the middle of what it does, stops and starts again with the same databases.</summary>
    public async Task RestartAsync()
    {
        await _server.DisposeAsync();
        _server = new ServerProcess(_command);
        await UntilReadyAsync();
    }

    /// <summary>A new empty database.</summary>
    /// <returns>Its connection string.</returns>
    public string CreateDatabase()
    {
        var name = $"test{Interlocked.Increment(ref _databases)}";
        Run(Program("createdb"), "-h", "127.0.0.1", "-p", $"{Port}", "-U", User, name);
        return ConnectionString(name);
    }

    /// <summary>How to reach a database of this server.</summary>
    public string ConnectionString(string database) => $"Host=127.0.0.1;Port={Port.ToString(CultureInfo.InvariantCulture)};Username={User};Database={database}";

    /// <summary>The rows of a query, their columns parted by bars.</summary>
    public string[] Rows(string connectionString, string sql)
    {
        var database = connectionString.Split("Database=")[1];
        return Run(Program("psql"), "-h", "127.0.0.1", "-p", $"{Port}", "-U", User, "-d", database, "-At", "-c", sql)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    /// <summary>Stops the server and deletes its folder.</summary>
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private Task UntilReadyAsync() => _server.UntilAsync(() => Task.FromResult(TryRun(Program("pg_isready"), "-h", "127.0.0.1", "-p", $"{Port}").Code == 0));

    private static string Program(string name)
    {
        var folders = Environment.GetEnvironmentVariable("MLTR_POSTGRES") is { Length: > 0 } named
            ? [named]
            : Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").OrderDescending().Select(version => Path.Combine(version, "bin")) : [];
        return folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            ?? throw new InvalidOperationException($"The tests need PostgreSQL's {name}: install the package postgresql, or name the folder of its programs with MLTR_POSTGRES.");
    }

    private static string Run(string program, params string[] arguments)
    {
        var (code, output) = TryRun(program, arguments);
        return code == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} failed: {output}");
    }

    private static (int Code, string Output) TryRun(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, process.ExitCode == 0 ? output : output + errors.Result);
    }

    private static Process Start(string program, params string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
