using static TorchSharp.torch;

namespace MlTr.Model.Training;

/// <summary>Operations on all weights at once, one native call instead of hundreds; TorchSharp reaches libtorch's fused kernels through TorchScript only.</summary>
internal static class TensorLists
{
    private static readonly Lazy<jit.CompilationUnit?> Script = new(Compile);

    /// <summary>Whether the fused kernels are there; without them the same is done tensor by tensor.</summary>
    public static bool Fused => Script.Value is not null;

    /// <summary>One AdamW step (decoupled decay) on weights, gradients, both moments and step counters [0-dim float32], which it advances, all in place.</summary>
    public static void AdamW(
        Tensor[] weights, Tensor[] gradients, Tensor[] first, Tensor[] second, Tensor[] steps, double rate, double beta1, double beta2, double decay, double eps)
    {
        // As one tensor: of plain numbers TorchSharp makes native scalars that the collector may free before the call reads them.
        using var numbers = tensor([rate, beta1, beta2, decay, eps]);
        _ = Script.Value!.invoke("adamw", weights, gradients, first, second, Array.Empty<Tensor>(), steps, numbers);
    }

    /// <summary>The 2-norm of all values together: a 0-dim tensor.</summary>
    public static Tensor Norm(Tensor[] tensors)
    {
        if (Script.Value is { } script)
        {
            return (Tensor)script.invoke("total_norm", [tensors]);
        }

        using var scope = NewDisposeScope();
        return stack(tensors.Select(t => t.norm())).norm().MoveToOuterDisposeScope();
    }

    /// <summary>Multiplies all in place.</summary>
    public static void Scale(Tensor[] tensors, double factor)
    {
        if (Script.Value is { } script)
        {
            using var number = tensor(factor, ScalarType.Float64);
            _ = script.invoke("scale", tensors, number);
            return;
        }

        foreach (var tensor in tensors)
        {
            _ = tensor.mul_(factor);
        }
    }

    /// <summary>average += share (newest - average), in place.</summary>
    public static void MoveTowards(Tensor[] averages, Tensor[] newest, double share)
    {
        if (Script.Value is { } script)
        {
            using var number = tensor(share, ScalarType.Float64);
            _ = script.invoke("move_towards", averages, newest, number);
            return;
        }

        for (var i = 0; i < averages.Length; i++)
        {
            _ = averages[i].lerp_(newest[i], share);
        }
    }

    // The parser asserts unless the script ends with a newline.
    private static jit.CompilationUnit? Compile()
    {
        const string Source = """
            def adamw(p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], x: List[Tensor], t: List[Tensor], n: Tensor):
                torch._foreach_add_(t, 1)
                torch._fused_adamw_(p, g, m, v, x, t, lr=float(n[0]), beta1=float(n[1]), beta2=float(n[2]), weight_decay=float(n[3]), eps=float(n[4]), amsgrad=False, maximize=False)

            def total_norm(g: List[Tensor]) -> Tensor:
                return torch.norm(torch.stack(torch._foreach_norm(g, 2)))

            def scale(a: List[Tensor], factor: Tensor):
                torch._foreach_mul_(a, float(factor))

            def move_towards(a: List[Tensor], b: List[Tensor], share: Tensor):
                torch._foreach_lerp_(a, b, float(share))

            """;
        try
        {
            return jit.compile(Source.ReplaceLineEndings("\n") + "\n");
        }
        catch (Exception e) when (e is System.Runtime.InteropServices.ExternalException or TypeInitializationException or EntryPointNotFoundException)
        {
            return null;
        }
    }
}
