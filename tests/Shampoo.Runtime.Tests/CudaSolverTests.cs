using static Shampoo.Runtime.Tests.Matrices;

namespace Shampoo.Runtime.Tests;

/// <summary>Eigendecompositions by a library that plays cuSOLVER on the host's memory, against spectra and bases that are known by construction.</summary>
public sealed class CudaSolverTests
{
    private const string Call = "cusolverDnXsyevBatched";

    public static TheoryData<int, ScalarType> Sizes
    {
        get
        {
            var data = new TheoryData<int, ScalarType>();
            foreach (var n in (int[])[1, 2, 7, 32, 33])
            {
                data.Add(n, ScalarType.Float32);
                data.Add(n, ScalarType.Float64);
            }
            return data;
        }
    }

    [CudaTheory]
    [MemberData(nameof(Sizes))]
    public void Decomposes_a_stack_in_one_call(int n, ScalarType type)
    {
        using var fakes = new CudaFakes();
        CudaFakes.UseSolver();
        Decompose(n, 3, type);
        var before = CudaFakes.Count(Call);

        Decompose(n, 3, type);

        Assert.Equal(before + 1, CudaFakes.Count(Call));
        Assert.Equal(0, CudaFakes.SolverStream);
        Assert.Empty(fakes.Warnings);
    }

    [CudaTheory]
    [InlineData(2, 64, 4)]          // the library takes no more matrices at once
    [InlineData(1 << 20, 3L << 28, 7)]  // 768 MiB for each of them
    public void Decomposes_what_is_too_much_for_a_call_in_several(long most, long bytes, int calls)
    {
        using var fakes = new CudaFakes();
        CudaFakes.UseSolver();
        Decompose(6, 7, ScalarType.Float64);
        CudaFakes.SetSolver(most, bytes);
        try
        {
            var before = CudaFakes.Count(Call);
            Decompose(6, 7, ScalarType.Float64);
            Assert.Equal(before + calls, CudaFakes.Count(Call));
        }
        finally
        {
            CudaFakes.SetSolver();
        }
        Assert.Empty(fakes.Warnings);
    }

    /// <summary>For a large one torch takes a method that uses the whole device.</summary>
    [CudaFact]
    public void Leaves_single_matrices_to_torch()
    {
        using var fakes = new CudaFakes();
        CudaFakes.UseSolver();
        var before = CudaFakes.Count(Call);
        Decompose(6, 1, ScalarType.Float64);
        Assert.Equal(before, CudaFakes.Count(Call));
    }

    [CudaTheory]
    [InlineData(Call + "_bufferSize", 7, "cusolverDnXsyevBatched_bufferSize failed with code 7 (a cusolverStatus_t, an internal error)")]
    [InlineData(Call, 6, "cusolverDnXsyevBatched failed with code 6 (a cusolverStatus_t, the execution failed)")]
    [InlineData(Call, -1, "it did not converge")]
    public void Leaves_a_stack_that_cannot_be_decomposed_to_torch(string call, int code, string why)
    {
        using var fakes = new CudaFakes();
        CudaFakes.UseSolver();
        Decompose(6, 3, ScalarType.Float64);
        Assert.Empty(fakes.Warnings);

        using (CudaFakes.Fail(call, code))
        {
            Decompose(6, 3, ScalarType.Float64);
            Decompose(6, 3, ScalarType.Float64);
        }

        Assert.Equal("no eigendecompositions of Float64 by cuSOLVER on cpu, torch's are used instead: " + why, Assert.Single(fakes.Warnings).TrimEnd('.'));
        var before = CudaFakes.Count(Call);
        Decompose(6, 3, ScalarType.Float64);
        Assert.Equal(before + 1, CudaFakes.Count(Call));
    }

    [CudaTheory]
    [InlineData(Call, -2, "a decomposition that was tried out is wrong")]
    [InlineData(Call, -1, "a decomposition that was tried out did not converge")]
    [InlineData(Call, 4, "cusolverDnXsyevBatched failed with code 4 (a cusolverStatus_t, not for this architecture)")]
    [InlineData("cusolverDnCreate", 1, "cusolverDnCreate failed with code 1 (a cusolverStatus_t, not initialized)")]
    [InlineData("cuDevicePrimaryCtxRetain", 719, "cuDevicePrimaryCtxRetain failed with code 719 (CUDA_ERROR_LAUNCH_FAILED: unspecified launch failure)")]
    public void Does_not_trust_a_library_that_fails_when_it_is_tried_out(string call, int code, string why)
    {
        using var fakes = new CudaFakes();
        CudaFakes.UseSolver();
        using (CudaFakes.Fail(call, code))
            Decompose(6, 3, ScalarType.Float32);

        var before = CudaFakes.Count(Call);
        Decompose(6, 3, ScalarType.Float32);
        Assert.Equal(before, CudaFakes.Count(Call));
        Assert.Equal("no eigendecompositions of Float32 by cuSOLVER on cpu, torch's are used instead: " + why, Assert.Single(fakes.Warnings).TrimEnd('.'));
    }

    [CudaFact]
    public void Does_without_a_library_or_a_function_that_is_missing()
    {
        using var fakes = new CudaFakes();
        CudaFakes.UseSolver("/nowhere/libcusolver.so");
        Decompose(6, 3, ScalarType.Float64);
        Decompose(6, 3, ScalarType.Float64);
        Assert.EndsWith("cuSOLVER (libcusolver.so) was not found", Assert.Single(fakes.Warnings));

        const string Old = """
            #define EXPORT extern "C" __attribute__((visibility("default"))) int
            EXPORT cusolverDnCreate(void**) { return 0; }
            EXPORT cusolverDnCreateParams(void**) { return 0; }
            EXPORT cusolverDnSetStream(void*, void*) { return 0; }
            """;
        CudaFakes.UseSolver(CudaFakes.Library("old", Old));
        Decompose(6, 3, ScalarType.Float64);
        Assert.EndsWith("old.so has no function cusolverDnXsyevBatched_bufferSize; a newer version is needed", fakes.Warnings[1]);
    }

    [CudaFact]
    public void Is_silent_where_it_is_switched_off()
    {
        using var fakes = new CudaFakes();
        CudaFakes.UseSolver("/nowhere/libcusolver.so");
        using (new SwitchedOff(CudaSolver.Switch))
            Decompose(6, 3, ScalarType.Float64);
        Assert.Empty(fakes.Warnings);
    }

    [CudaFact]
    public void Frees_its_working_memory()
    {
        using var fakes = new CudaFakes();
        CudaFakes.UseSolver();
        Decompose(6, 3, ScalarType.Float64);
        var before = Data.LiveTensors();
        Decompose(6, 3, ScalarType.Float64);
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    /// <summary>The bases of steps are the library's.</summary>
    [CudaTheory]
    [InlineData(ScalarType.Float64, 1e-9)]
    [InlineData(ScalarType.Float32, 1e-4)]
    public void Trains_as_the_oracle_does(ScalarType type, double tolerance)
    {
        using var fakes = new CudaFakes();
        CudaFakes.UseSolver();
        var before = CudaFakes.Count(Call);
        var settings = new Settings(MaxDimension: 4, Epsilon: 1e-3);
        using var parameter = Data.Parameter([.. Data.Normal(1, 48).Select(static x => (double)(float)x)], [8, 6], type);
        var oracle = new Oracle(settings, [8, 6], Data.Values(parameter));
        using var optimizer = new HandWrittenShampoo([parameter], settings);
        for (var step = 0; step < 6; step++)
        {
            double[] gradient = [.. Data.Normal(100 + step, 48).Select(static x => (double)(float)x)];
            Data.SetGradient(parameter, gradient);
            oracle.Step(gradient);
            optimizer.step();
        }
        Data.AssertClose(oracle.Values, Data.Values(parameter), tolerance, absolute: tolerance * 1e-2);
        Assert.True(CudaFakes.Count(Call) > before + 3);
        Assert.Empty(fakes.Warnings);
    }

    // Whoever does it, the result is right.
    private static void Decompose(int n, int count, ScalarType type)
    {
        using var scope = torch.NewDisposeScope();
        var tolerance = type == ScalarType.Float32 ? 2e-6 : 1e-14;
        double[][] spectra = [.. Enumerable.Range(0, count).Select(i => Enumerable.Range(0, n).Select(j => 0.5 + i - n + (2.0 + i) * j).ToArray())];
        double[][] matrices = [.. spectra.Select((spectrum, i) => Compose(RandomOrthogonal(n, seed: 10 * n + i), spectrum))];
        var stack = Data.Tensor([.. matrices.SelectMany(static matrix => matrix)], [count, n, n], type);

        var (eigenvalues, eigenvectors) = SymmetricMatrices.Decompose(stack);

        double[] lambda = Data.Values(eigenvalues), q = Data.Values(eigenvectors);
        for (var i = 0; i < count; i++)
        {
            double[] own = q[(i * n * n)..((i + 1) * n * n)], transpose = [.. Enumerable.Range(0, n * n).Select(j => own[j % n * n + j / n])];
            Data.AssertClose(spectra[i], lambda[(i * n)..((i + 1) * n)], 0, 3 * n * count * tolerance);
            AssertRelative(matrices[i], Compose(Square(own), lambda[(i * n)..((i + 1) * n)]), 10 * tolerance);
            AssertRelative(Flat(Identity(n)), Multiply(transpose, own, n), 10 * tolerance);
        }
    }
}
