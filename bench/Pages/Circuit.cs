using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace MlTr.Bench.Pages;

/// <summary>
/// A browser without a screen: it opens a page's circuit, acknowledges what it is told to draw and answers the scripts that pages ask for. So the
/// server's part of a page is measured without a browser's own work, and fifty of them cost little.
/// </summary>
internal sealed partial class Circuit : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Leaving = TimeSpan.FromSeconds(2);

    private readonly HttpClient _http;
    private readonly ClientWebSocket _socket = new();
    private readonly SemaphoreSlim _sending = new(1);
    private readonly CancellationTokenSource _life = new();
    private readonly List<(byte[] Text, TaskCompletionSource<long> Seen)> _waits = [];
    private Task _receiving = Task.CompletedTask;
    private string? _secret;
    private int _objects;
    private long _calls;

    private Circuit(HttpClient http) => _http = http;

    /// <summary>When the document had come, by the stopwatch.</summary>
    public long DocumentAt { get; private set; }

    /// <summary>Bytes of what was drawn.</summary>
    public long Drawn { get; private set; }

    /// <summary>Loads the document and opens its circuit.</summary>
    /// <param name="http">A client with the platform's address.</param>
    /// <param name="path">The page.</param>
    /// <param name="shows">What stands on the page once it shows its content.</param>
    /// <returns>The circuit, and when that text came, by the stopwatch.</returns>
    public static async Task<(Circuit Circuit, Task<long> Shown)> OpenAsync(HttpClient http, string path, string shows)
    {
        var circuit = new Circuit(http);
        var page = new Uri(http.BaseAddress!, path);
        var html = await http.GetStringAsync(page);
        circuit.DocumentAt = Stopwatch.GetTimestamp();
        var shown = circuit.SeeAsync(shows);
        await circuit._socket.ConnectAsync(new UriBuilder(page) { Scheme = "ws", Path = "/_blazor", Query = "" }.Uri, CancellationToken.None);
        await circuit.SendAsync(Encoding.UTF8.GetBytes("{\"protocol\":\"blazorpack\",\"version\":1}\u001e"), WebSocketMessageType.Text);
        circuit._receiving = circuit.ReceiveOrFailAsync();
        var markers = string.Join(',', Marker().Matches(html).Select(match => match.Groups[1].Value));
        await circuit.SendAsync(Pack.Invocation("1", "StartCircuit", [http.BaseAddress!.ToString(), page.ToString(), $"[{markers}]", ""]));
        return (circuit, shown);
    }

    /// <summary>When a text comes next, by the stopwatch.</summary>
    public async Task<long> SeeAsync(string text)
    {
        var seen = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_waits)
        {
            _waits.Add((Encoding.UTF8.GetBytes(text), seen));
        }

        try
        {
            return await seen.Task.WaitAsync(Patience);
        }
        catch (TimeoutException error)
        {
            throw new TimeoutException($"'{text}' did not come.", error);
        }
    }

    /// <summary>Leaves as a browser does that goes to another page: otherwise the server would keep the page for a while.</summary>
    public async ValueTask DisposeAsync()
    {
        using (var form = new MultipartFormDataContent { { new StringContent(_secret ?? ""), "circuitId" } })
        {
            // Answers once the page is disposed, which may wait for scripts: they are answered as long as the socket is open.
            var left = _http.PostAsync(new Uri("/_blazor/disconnect", UriKind.Relative), form);
            await ((Task)Task.WhenAny(left, _receiving, Task.Delay(Leaving))).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        await _life.CancelAsync();
        await _receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _socket.Dispose();
        _sending.Dispose();
        _life.Dispose();
    }

    /// <summary>A circuit that breaks fails whoever waits for a text of it.</summary>
    private async Task ReceiveOrFailAsync()
    {
        try
        {
            await ReceiveAsync();
        }
        catch (Exception error)
        {
            lock (_waits)
            {
                _waits.ForEach(wait => wait.Seen.TrySetException(error));
                _waits.Clear();
            }

            if (!_life.IsCancellationRequested)
            {
                throw;
            }
        }
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[1 << 16];
        var frame = new MemoryStream();
        var greeted = false;
        while (_socket.State == WebSocketState.Open)
        {
            var part = await _socket.ReceiveAsync(buffer.AsMemory(), _life.Token);
            frame.Write(buffer, 0, part.Count);
            if (!part.EndOfMessage)
            {
                continue;
            }

            var at = Stopwatch.GetTimestamp();
            var bytes = frame.ToArray();
            frame.SetLength(0);
            if (!greeted)
            {
                greeted = true;
                bytes = bytes[(Array.IndexOf(bytes, (byte)0x1e) + 1)..];
            }

            foreach (var message in Pack.Messages(bytes))
            {
                switch (message[0])
                {
                    case 1L:
                        await TakeAsync((string)message[3]!, (object?[])message[4]!, at);
                        break;
                    case 3L: // the only call with an answer is that which starts the circuit
                        _secret = message.ElementAtOrDefault(4) as string;
                        break;
                }
            }
        }
    }

    private async Task TakeAsync(string target, object?[] arguments, long at)
    {
        switch (target)
        {
            case "JS.RenderBatch":
                var batch = (ReadOnlyMemory<byte>)arguments[1]!;
                Drawn += batch.Length;
                See(batch.Span, at);
                await SendAsync(Pack.Invocation("OnRenderCompleted", arguments[0], null));
                break;
            case "JS.BeginInvokeJS":
                See(Encoding.UTF8.GetBytes((string?)arguments[2] ?? ""), at);
                await AnswerAsync((long)arguments[0]!, (string)arguments[1]!, (string?)arguments[2], (long)arguments[3]!);
                break;
            case "JS.Error":
                throw new InvalidOperationException($"The page failed: {arguments[0]}");
        }
    }

    private void See(ReadOnlySpan<byte> drawn, long at)
    {
        lock (_waits)
        {
            for (var i = _waits.Count - 1; i >= 0; i--)
            {
                if (drawn.IndexOf(_waits[i].Text) >= 0)
                {
                    _waits[i].Seen.TrySetResult(at);
                    _waits.RemoveAt(i);
                }
            }
        }
    }

    private async Task AnswerAsync(long call, string name, string? arguments, long kind)
    {
        if (call != 0)
        {
            var result = kind == 1 ? $"{{\"__jsObjectId\":{++_objects}}}" : name switch
            {
                "mltr.connect" => """{"choice":"light","systemDark":false}""",
                "mltr.write" or "mltr.copy" or "mltr.download" => "true",
                _ => "null",
            };
            await SendAsync(Pack.Invocation("EndInvokeJSFromDotNet", call, true, $"[{call},true,{result}]"));
        }

        if (name.EndsWith("Virtualize.init", StringComparison.Ordinal))
        {
            // What the browser says once it sees the empty place of a long table.
            var self = JsonDocument.Parse(arguments!).RootElement[0].GetProperty("__dotNetObject").GetInt64();
            await SendAsync(Pack.Invocation("BeginInvokeDotNetFromJS", $"{++_calls}", null, "OnSpacerAfterVisible", self, "[440000,0,700]"));
        }
    }

    private async Task SendAsync(byte[] message, WebSocketMessageType kind = WebSocketMessageType.Binary)
    {
        await _sending.WaitAsync(_life.Token);
        try
        {
            await _socket.SendAsync(message, kind, endOfMessage: true, _life.Token);
        }
        finally
        {
            _sending.Release();
        }
    }

    [GeneratedRegex(@"<!--Blazor:(\{.*?\})-->")]
    private static partial Regex Marker();
}
