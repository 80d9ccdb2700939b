using System.Collections.Concurrent;
using System.Diagnostics;

namespace MlTr.Testing;

/// <summary>A server that ends with this process, however that ends: a shell whose input this process holds waits beside it.</summary>
public sealed class ServerProcess : IAsyncDisposable
{
    private readonly Process _shell;
    private readonly ConcurrentQueue<string> _said = [];

    /// <summary>Starts it.</summary>
    /// <param name="command">For the shell, one simple command.</param>
    public ServerProcess(string command)
    {
        _shell = Process.Start(new ProcessStartInfo("sh", ["-c", $"cd / && {command} </dev/null >&2 & server=$!; cat >/dev/null; kill -INT $server; wait $server"])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
        })!;
        _shell.ErrorDataReceived += (_, line) => _said.Enqueue(line.Data ?? "");
        _shell.BeginErrorReadLine();
    }

    /// <summary>Waits until it answers.</summary>
    /// <exception cref="InvalidOperationException">It has ended, or did not within a minute; the message says what it said.</exception>
    public async Task UntilAsync(Func<Task<bool>> answers)
    {
        var started = Stopwatch.GetTimestamp();
        while (!await answers())
        {
            if (_shell.HasExited || Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(60))
            {
                throw new InvalidOperationException($"{_shell.StartInfo.ArgumentList[1]} did not start: {string.Join('\n', _said)}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
    }

    /// <summary>Interrupts it and waits for its end.</summary>
    public async ValueTask DisposeAsync()
    {
        _shell.StandardInput.Close();
        await _shell.WaitForExitAsync();
        _shell.Dispose();
    }
}
