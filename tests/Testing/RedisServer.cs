using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace MlTr.Testing;

/// <summary>
/// A Redis server of the tests' own on a loopback port, in memory alone. It needs the server's program (Debian: <c>apt-get install redis-server</c>), which
/// MLTR_REDIS may name. It ends with this process, however that ends.
/// </summary>
public sealed class RedisServer : IAsyncDisposable
{
    private readonly ServerProcess _server;

    private RedisServer()
    {
        var program = Environment.GetEnvironmentVariable("MLTR_REDIS") is { Length: > 0 } named ? named : "/usr/bin/redis-server";
        if (!File.Exists(program))
        {
            throw new InvalidOperationException($"The tests need Redis, and there is no {program}: install the package redis-server, or name the program with MLTR_REDIS.");
        }

        Port = FreePort.Next();
        _server = new ServerProcess($"{program} --bind 127.0.0.1 --port {Port.ToString(CultureInfo.InvariantCulture)} --requirepass {Password} --save '' --appendonly no");
    }

    /// <summary>Where it listens on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>What it asks of its clients.</summary>
    public static string Password => "secret";

    /// <summary>Starts one and waits until it answers.</summary>
    public static async Task<RedisServer> StartAsync()
    {
        var server = new RedisServer();
        await server._server.UntilAsync(server.AnswersAsync);
        return server;
    }

    /// <summary>The answer to one command, in Redis' own notation.</summary>
    public async Task<string> AskAsync(string command)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"AUTH {Password}\r\n{command}\r\nQUIT\r\n"));
        using var answers = new StreamReader(client.GetStream());
        return await answers.ReadToEndAsync();
    }

    /// <summary>Stops the server.</summary>
    public ValueTask DisposeAsync() => _server.DisposeAsync();

    private async Task<bool> AnswersAsync()
    {
        try
        {
            return (await AskAsync("PING")).Contains("+PONG", StringComparison.Ordinal);
        }
        catch (Exception error) when (error is SocketException or IOException)
        {
            return false;
        }
    }
}
