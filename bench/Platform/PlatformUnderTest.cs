using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace MlTr.Bench.Platform;

/// <summary>The built program as a process, with its worker's process.</summary>
internal sealed partial class PlatformUnderTest : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly TaskCompletionSource<string> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _tail = [];
    private TaskCompletionSource<int> _worker = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private PlatformUnderTest(string data)
    {
        var start = new ProcessStartInfo("dotnet", [Program(), "--data", data, "--port", "0", "--log", "information"]) { RedirectStandardOutput = true, RedirectStandardError = true };
        // Here it is never the trial's fault that its worker dies, so it is not given up after a few times.
        start.Environment["MLTR__Scheduler__MaxLostAttempts"] = "100";
        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Take(line.Data);
        _process.ErrorDataReceived += (_, line) => Take(line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public Task<string> AddressAsync => WithinAsync(_address.Task);

    /// <summary>The control process.</summary>
    public int Id => _process.Id;

    /// <summary>The id of the worker's process, once it has been started.</summary>
    public Task<int> WorkerAsync => WithinAsync(Volatile.Read(ref _worker).Task);

    public static PlatformUnderTest Start(string data) => new(data);

    /// <summary>Ends the control process without a word; its worker notices by itself.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>Ends the worker's process without a word.</summary>
    public async Task KillWorkerAsync()
    {
        var id = await WorkerAsync;
        Volatile.Write(ref _worker, new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously));
        try
        {
            using var worker = Process.GetProcessById(id);
            worker.Kill();
        }
        catch (ArgumentException)
        {
            // gone already
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private static string Program()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory); // bench/bin/CONFIGURATION/net10.0
        var root = folder.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(root, "src", "Silo", "bin", folder.Parent.Name, folder.Name, "MlTr.Silo.dll");
    }

    private async Task<T> WithinAsync<T>(Task<T> wanted)
    {
        try
        {
            return await wanted.WaitAsync(Patience);
        }
        catch (TimeoutException error)
        {
            throw new InvalidOperationException($"The platform did not come up. It said last:\n{string.Join('\n', _tail)}", error);
        }
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (_tail)
        {
            _tail.Add(line);
            _tail.RemoveRange(0, Math.Max(0, _tail.Count - 20));
        }

        if (AddressLine().Match(line) is { Success: true } address)
        {
            _address.TrySetResult(address.Groups[1].Value);
        }

        if (WorkerLine().Match(line) is { Success: true } worker)
        {
            Volatile.Read(ref _worker).TrySetResult(int.Parse(worker.Groups[1].Value, CultureInfo.InvariantCulture));
        }
    }

    [GeneratedRegex(@"is ready at (http://\S+)")]
    private static partial Regex AddressLine();

    [GeneratedRegex(@"started: process (\d+)")]
    private static partial Regex WorkerLine();
}
